using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using RunLedger.Domain.Pricing;
using RunLedger.Host.Api.Http;
using RunLedger.Host.Api.Usage;
using RunLedger.Postgres.Usage;

namespace RunLedger.Host.CommandLine;

/// <summary><c>usage</c>: the token report.</summary>
internal static class UsageCommand
{
    private const int ShownModels = 10;

    private static readonly Option<List<UsageColumn>?> By = new("--by")
    {
        Description = $"What to sum by, with commas between: {UsageColumn.AllNames}; a key with a comma as \"metadata.KEY\".",
        HelpName = "DIMENSIONS",
        Arity = ArgumentArity.OneOrMore,
        CustomParser = ReadColumns,
    };
    private static readonly Option<DateTimeOffset?> Since = TimeArgument.Option("--since", "Only runs that ended at this time or later.");
    private static readonly Option<DateTimeOffset?> Until = TimeArgument.Option("--until", "Only runs that ended before this time.");
    private static readonly Option<string?> Model = new("--model") { Description = "Only runs of this model.", HelpName = "MODEL" };
    private static readonly Option<string?> Assistant = new("--assistant") { Description = "Only runs of this assistant.", HelpName = "ID" };
    private static readonly Option<string?> Thread = new("--thread")
    {
        Description = "Only runs on this thread, or responses in this conversation.",
        HelpName = "ID",
    };
    private static readonly Option<string?> Kind = ChoiceOption.Create("--kind", "KIND", "Only thread.run or only response.", "thread.run", "response");
    private static readonly Option<Dictionary<string, string>?> Metadata = MetadataOption.Create();
    private static readonly Option<bool> Csv = new("--csv") { Description = "Answer with CSV (RFC 4180)." };

    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var command = new Command("usage", "The token report. A run counts when it ended, or when it was created while it has not.")
        {
            By, Since, Until, Model, Assistant, Thread, Kind, Metadata, Csv, CommonOptions.Json,
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(Csv) && result.GetValue(CommonOptions.Json)) result.AddError("Give --csv or --json, not both.");
        });
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        await using var open = await OpenLedger.OpenAsync(parsed, cancellationToken);
        var columns = parsed.GetValue(By) ?? [];
        var rows = await open.Ledger.Usage.ReportAsync(open.Tenant, QueryOf(parsed, columns), cancellationToken);
        if (parsed.GetValue(Csv)) Terminal.Write(UsageCsv.Of(columns, rows));
        else if (parsed.GetValue(CommonOptions.Json)) JsonAnswer.Write(UsageReport.Of(columns, rows), ApiJson.Web.UsageReport);
        else Terminal.Print(UsageTable.Of(columns, rows));
        SayUnpriced(UsageTotals.Of(rows).Cost);
        return ExitCodes.Done;
    }

    // Where no price is known at all, nobody asks for costs.
    private static void SayUnpriced(UsageCost cost)
    {
        if (cost.Usd is null || cost.UnpricedTokens == 0) return;
        var models = cost.UnpricedModels.Select(model => model.Length == 0 ? "runs without a model" : Printable.Line(model)).ToList();
        var shown = string.Join(", ", models.Take(ShownModels)) + (models.Count > ShownModels ? $" and {models.Count - ShownModels} more" : "");
        Terminal.Say(string.Create(
            CultureInfo.InvariantCulture, $"No price is known for {cost.UnpricedTokens:#,0} tokens, which are not in the cost: {shown}. See: runledger prices --help"));
    }

    private static UsageQuery QueryOf(ParseResult parsed, IReadOnlyList<UsageColumn> columns) => new()
    {
        GroupBy = [.. columns.Select(column => column.Dimension).OfType<UsageDimension>()],
        MetadataKeys = [.. columns.Select(column => column.MetadataKey).OfType<string>()],
        Since = parsed.GetValue(Since),
        Until = parsed.GetValue(Until),
        Model = parsed.GetValue(Model),
        AssistantId = parsed.GetValue(Assistant),
        ThreadId = parsed.GetValue(Thread),
        Kind = parsed.GetValue(Kind),
        Metadata = parsed.GetValue(Metadata) ?? [],
    };

    private static List<UsageColumn> ReadColumns(ArgumentResult argument)
    {
        var columns = new List<UsageColumn>();
        foreach (var name in argument.Tokens.SelectMany(token => UsageColumn.NamesIn(token.Value)))
        {
            if (UsageColumn.Named(name) is not { } column) argument.AddError($"'{name}' is nothing to sum by: give one of {UsageColumn.AllNames}.");
            else if (!columns.Contains(column)) columns.Add(column);
        }
        if (columns.Exists(column => column.Dimension == UsageDimension.Day) && columns.Exists(column => column.Dimension == UsageDimension.Hour))
            argument.AddError("Sum by day or by hour, not by both: every hour is of one day.");
        return columns;
    }
}
