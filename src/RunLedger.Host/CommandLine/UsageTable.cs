using RunLedger.Domain.Usage;
using RunLedger.Host.Api.Usage;
using RunLedger.Postgres.Usage;
using Spectre.Console;

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

    /// <summary>The table of a report.</summary>
    public static Table Of(IReadOnlyList<UsageColumn> columns, IReadOnlyList<UsageRow> rows)
    {
        var table = Tables.Of(columns.Select(Heading).Concat(Amounts.Select(amount => ">" + amount.Heading)));
        foreach (var row in columns.Count == 0 ? [] : rows)
            table.AddRow(columns.Select(column => Tables.Cell(column.ValueIn(row))).Concat(Cells(row.Amounts)));

        var labels = columns.Select((_, index) => Tables.Cell(index == 0 ? "TOTAL" : ""));
        return table.AddRow(labels.Concat(Cells(rows.Aggregate(default(UsageAmounts), (sum, row) => sum + row.Amounts))));
    }

    private static IEnumerable<Spectre.Console.Rendering.IRenderable> Cells(UsageAmounts amounts) => Amounts.Select(amount => Tables.Cell(amount.Value(amounts)));

    private static string Heading(UsageColumn column) => column.MetadataKey is { } key
        ? Printable.Line(key)
        : column.Name.Replace("_id", "", StringComparison.Ordinal).ToUpperInvariant();
}
