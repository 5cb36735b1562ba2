using System.Globalization;
using RunLedger.Domain.Pricing;
using RunLedger.Domain.Usage;
using RunLedger.Host.Api.Usage;
using RunLedger.Postgres.Usage;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace RunLedger.Host.CommandLine;

/// <summary>A usage report for readers: what it is summed by, the runs by outcome, the tokens, and a row of totals.</summary>
internal static class UsageTable
{
    private static readonly (string Heading, Func<UsageAmounts, long> Value)[] Amounts =
    [
        ("RUNS", amounts => amounts.Runs),
        ("COMPLETED", amounts => amounts.Completed),
        ("FAILED", amounts => amounts.Failed),
        ("CANCELLED", amounts => amounts.Cancelled),
        ("INCOMPLETE", amounts => amounts.Incomplete),
        ("EXPIRED", amounts => amounts.Expired),
        ("PROMPT", amounts => amounts.Tokens.Prompt),
        ("CACHED", amounts => amounts.Tokens.Cached),
        ("COMPLETION", amounts => amounts.Tokens.Completion),
        ("REASONING", amounts => amounts.Tokens.Reasoning),
        ("TOTAL", amounts => amounts.Tokens.Total),
    ];

    /// <summary>The table of a report; with the cost if any price is known.</summary>
    public static Table Of(IReadOnlyList<UsageColumn> columns, IReadOnlyList<UsageRow> rows)
    {
        var totals = UsageTotals.Of(rows);
        var hasCost = totals.Cost.Usd is not null && totals.Amounts.Tokens != default;
        var table = Tables.Of(columns.Select(Heading).Concat(Amounts.Select(amount => ">" + amount.Heading)).Concat(hasCost ? [">USD"] : []));
        foreach (var row in columns.Count == 0 ? [] : rows)
            table.AddRow(columns.Select(column => Tables.Cell(column.ValueIn(row))).Concat(Cells(row, hasCost)));

        var labels = columns.Select((_, index) => Tables.Cell(index == 0 ? "TOTAL" : ""));
        return table.AddRow(labels.Concat(Cells(totals, hasCost)));
    }

    private static IEnumerable<IRenderable> Cells(UsageRow row, bool hasCost) =>
        Amounts.Select(amount => Tables.Cell(amount.Value(row.Amounts))).Concat(hasCost ? [Tables.Cell(Money(row.Cost))] : []);

    // What is known of a cost that is not all known is marked, so that nobody takes it for the whole.
    private static string Money(UsageCost cost) => cost.Usd is not { } usd ? "?"
        : usd.ToString(Console.IsOutputRedirected ? "0.00##########" : "#,0.00##", CultureInfo.InvariantCulture) + (cost.UnpricedTokens > 0 ? "+?" : "");

    private static string Heading(UsageColumn column) => column.MetadataKey is { } key
        ? Printable.Line(key)
        : column.Name.Replace("_id", "", StringComparison.Ordinal).ToUpperInvariant();
}
