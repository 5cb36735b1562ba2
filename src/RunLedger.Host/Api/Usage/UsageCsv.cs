using System.Buffers;
using System.Globalization;
using System.Text;
using RunLedger.Postgres.Usage;

namespace RunLedger.Host.Api.Usage;

/// <summary>A usage report as CSV with a header line (RFC 4180).</summary>
internal static class UsageCsv
{
    private static readonly SearchValues<char> NeedsQuotes = SearchValues.Create(",\"\r\n");

    private static readonly string[] Amounts =
    [
        "runs", "completed", "failed", "cancelled", "incomplete", "expired",
        "prompt_tokens", "completion_tokens", "total_tokens", "cached_tokens", "reasoning_tokens",
        "cost_usd", "unpriced_tokens",
    ];

    public static byte[] Of(IReadOnlyList<UsageColumn> columns, IReadOnlyList<UsageRow> rows)
    {
        var csv = new StringBuilder();
        AppendLine(csv, columns.Select(column => column.Name).Concat(Amounts));
        foreach (var row in rows) AppendLine(csv, columns.Select(column => column.ValueIn(row)).Concat(AmountsOf(row)));
        return Encoding.UTF8.GetBytes(csv.ToString());
    }

    private static IEnumerable<string> AmountsOf(UsageRow row)
    {
        var (runs, completed, failed, cancelled, incomplete, expired, tokens) = row.Amounts;
        long[] amounts =
        [
            runs, completed, failed, cancelled, incomplete, expired, tokens.Prompt, tokens.Completion, tokens.Total, tokens.Cached, tokens.Reasoning,
        ];
        return amounts.Select(amount => amount.ToString(CultureInfo.InvariantCulture))
            .Append(row.Cost.Usd?.ToString(CultureInfo.InvariantCulture) ?? "")
            .Append(row.Cost.UnpricedTokens.ToString(CultureInfo.InvariantCulture));
    }

    private static void AppendLine(StringBuilder csv, IEnumerable<string> values) => csv.AppendJoin(',', values.Select(Quoted)).Append("\r\n");

    private static string Quoted(string value) =>
        value.AsSpan().ContainsAny(NeedsQuotes) ? $"\"{value.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : value;
}
