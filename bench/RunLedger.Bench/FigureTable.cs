using System.Globalization;
using Spectre.Console;

namespace RunLedger.Bench;

/// <summary>The one table that the bench prints: each figure beside its limit, their ratio, and what is wanted of it.</summary>
internal sealed class FigureTable
{
    private readonly Table _table = new Table().Border(TableBorder.Markdown)
        .AddColumn("measure").AddColumn(new TableColumn("figure").RightAligned()).AddColumn(new TableColumn("limit").RightAligned())
        .AddColumn(new TableColumn("ratio").RightAligned()).AddColumn("wanted");

    public void Add(string measure, double figure, double limit, string unit, string wanted)
    {
        var digits = limit < 10 ? "0.000" : "#,##0";
        _table.AddRow(
            Markup.Escape(measure),
            $"{figure.ToString(digits, CultureInfo.InvariantCulture)} {unit}",
            $"{limit.ToString(digits, CultureInfo.InvariantCulture)} {unit}",
            (figure / limit).ToString("0.00", CultureInfo.InvariantCulture),
            Markup.Escape(wanted));
        AnsiConsole.MarkupLineInterpolated($"{measure}: {figure.ToString(digits, CultureInfo.InvariantCulture)} of {limit.ToString(digits, CultureInfo.InvariantCulture)} {unit}");
    }

    public void Print()
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, Out = new AnsiConsoleOutput(Console.Out) });
        console.Profile.Width = 200;
        console.WriteLine();
        console.Write(_table);
    }
}
