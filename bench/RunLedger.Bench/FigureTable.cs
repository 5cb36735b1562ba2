using System.Globalization;
using Spectre.Console;

namespace RunLedger.Bench;

/// <summary>The one table that the bench prints: each figure beside its limit, their ratio, and what is wanted of it.</summary>
internal sealed class FigureTable
{
    private readonly Table _table = new Table().Border(TableBorder.Markdown)
        .AddColumn("measure").AddColumn(new TableColumn("figure").RightAligned()).AddColumn(new TableColumn("limit").RightAligned())
        .AddColumn(new TableColumn("ratio").RightAligned()).AddColumn("wanted");

    /// <summary>Adds a figure that was measured in several turns: the one in the middle, and from where to where the ratios of all go.</summary>
    public void Add(string measure, IEnumerable<Turn> turns, string unit, string wanted)
    {
        var byRatio = turns.OrderBy(turn => turn.Ratio).ToList();
        var (figure, limit) = byRatio[byRatio.Count / 2];
        Add(measure, figure, limit, unit, wanted, $" ({Text(byRatio[0].Ratio)} to {Text(byRatio[^1].Ratio)})");
    }

    /// <summary>Adds a figure beside its limit.</summary>
    public void Add(string measure, double figure, double limit, string unit, string wanted, string range = "")
    {
        var digits = limit < 10 ? "0.000" : "#,##0";
        _table.AddRow(
            Markup.Escape(measure),
            $"{figure.ToString(digits, CultureInfo.InvariantCulture)} {unit}",
            $"{limit.ToString(digits, CultureInfo.InvariantCulture)} {unit}",
            Text(figure / limit) + range,
            Markup.Escape(wanted));
        AnsiConsole.MarkupLineInterpolated($"{measure}: {figure.ToString(digits, CultureInfo.InvariantCulture)} of {limit.ToString(digits, CultureInfo.InvariantCulture)} {unit}, {Text(figure / limit)}{range}");
    }

    public void Print()
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, Out = new AnsiConsoleOutput(Console.Out) });
        console.Profile.Width = 200;
        console.WriteLine();
        console.Write(_table);
    }

    private static string Text(double ratio) => ratio.ToString("0.00", CultureInfo.InvariantCulture);
}
