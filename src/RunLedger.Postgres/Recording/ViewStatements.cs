using Npgsql;
using RunLedger.Domain.Observations;
using RunLedger.Domain.Quarantine;
using RunLedger.Domain.Runs;
using RunLedger.Domain.Usage;
using RunLedger.Postgres.Replay;

namespace RunLedger.Postgres.Recording;

/// <summary>The statements that write views in the transaction that appends the events; both engines send them.</summary>
public static class ViewStatements
{
    /// <summary>Writes the rows of runs; the append lock must be held, or shared.</summary>
    /// <param name="rows">The rows, in the order in which they are to be locked.</param>
    /// <param name="epoch">That of the definitions by which they, and what is added to usage, were derived: see <see cref="LiveViews.Epoch"/>.</param>
    /// <remarks>Fails with SQLSTATE <see cref="LiveViews.OtherDefinitions"/> if the ledger's views are of other definitions by now.</remarks>
    public static NpgsqlBatchCommand UpsertRunViews(IReadOnlyList<KeyValuePair<RunKey, RunView>> rows, long epoch) =>
        new(Sql.Text("Recording/upsert_run_views.sql"))
        {
            Parameters =
            {
                Columns.Text(rows, row => row.Key.Tenant.Value),
                Columns.Text(rows, row => row.Value.RunId),
                Columns.Text(rows, row => row.Value.Kind),
                Columns.Text(rows, row => row.Value.ThreadId),
                Columns.Text(rows, row => row.Value.AssistantId),
                Columns.Text(rows, row => row.Value.Model),
                Columns.Text(rows, row => row.Value.Status),
                Columns.Time(rows, row => row.Value.CreatedAt),
                Columns.Time(rows, row => row.Value.StartedAt),
                Columns.Time(rows, row => row.Value.EndedAt),
                Columns.Time(rows, row => row.Value.ExpiresAt),
                Columns.Time(rows, row => row.Value.FirstObservedAt),
                Columns.Time(rows, row => row.Value.LastObservedAt),
                Columns.Of(rows, row => row.Value.Version),
                Columns.Json([.. rows.Select(row => row.Value.Metadata?.Utf8.ToArray())]),
                Columns.Text(rows, row => row.Value.ErrorCode),
                Columns.Text(rows, row => row.Value.ErrorMessage),
                Columns.Text(rows, row => row.Value.IncompleteReason),
                Columns.Of(rows, row => row.Value.ToolCalls),
                Columns.Of(rows, row => row.Value.LateObservations),
                Columns.Of(rows, row => row.Value.Contradictions),
                Columns.Of(rows, row => row.Value.Usage?.Prompt),
                Columns.Of(rows, row => row.Value.Usage?.Completion),
                Columns.Of(rows, row => row.Value.Usage?.Total),
                Columns.Of(rows, row => row.Value.Usage?.Cached),
                Columns.Of(rows, row => row.Value.Usage?.Reasoning),
                Columns.Text(rows, row => row.Value.ToolNames),
                new NpgsqlParameter<long> { TypedValue = epoch },
            },
        };

    /// <summary>Adds to usage buckets.</summary>
    public static NpgsqlBatchCommand AddUsage(IReadOnlyDictionary<(TenantId Tenant, UsageKey Key), UsageAmounts> usage)
    {
        var rows = usage.ToList();
        return new NpgsqlBatchCommand(Sql.Text("Recording/add_usage.sql"))
        {
            Parameters =
            {
                Columns.Text(rows, row => row.Key.Tenant.Value),
                Columns.Of(rows, row => row.Key.Key.Hour),
                Columns.Text(rows, row => row.Key.Key.Model),
                Columns.Text(rows, row => row.Key.Key.AssistantId),
                Columns.Text(rows, row => row.Key.Key.Kind),
                Columns.Of(rows, row => row.Value.Runs),
                Columns.Of(rows, row => row.Value.Completed),
                Columns.Of(rows, row => row.Value.Failed),
                Columns.Of(rows, row => row.Value.Cancelled),
                Columns.Of(rows, row => row.Value.Incomplete),
                Columns.Of(rows, row => row.Value.Expired),
                Columns.Of(rows, row => row.Value.Tokens.Prompt),
                Columns.Of(rows, row => row.Value.Tokens.Completion),
                Columns.Of(rows, row => row.Value.Tokens.Total),
                Columns.Of(rows, row => row.Value.Tokens.Cached),
                Columns.Of(rows, row => row.Value.Tokens.Reasoning),
                Columns.Text(rows, row => ArrayText(row.Key.Key.Dimensions.Values)),
            },
        };
    }

    // An array of arrays cannot be unnested into arrays: each goes as PostgreSQL writes arrays as text.
    private static string ArrayText(IReadOnlyList<string> values) => values.Count == 0
        ? "{}"
        : $"{{{string.Join(',', values.Select(value => $"\"{value.Replace("\\", @"\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\""))}}}";

    /// <summary>Keeps input that could not be recorded; the same input is kept once. Reasons quote it, and may hold what a column cannot.</summary>
    public static NpgsqlBatchCommand Quarantine(IReadOnlyList<QuarantinedItem> items) =>
        new(Sql.Text("Quarantine/keep.sql"))
        {
            Parameters =
            {
                Columns.Text(items, item => item.Tenant.Value),
                Columns.Bytes(items, item => item.Digest.ToArray()),
                Columns.Bytes(items, item => item.Item.ToArray()),
                Columns.Text(items, item => QueryParameter.Holdable(item.Source)),
                Columns.Text(items, item => QueryParameter.Holdable(item.Pointer)),
                Columns.Text(items, item => QueryParameter.Holdable(item.Defect.Field)),
                Columns.Text(items, item => QueryParameter.Holdable(item.Defect.Reason)),
                Columns.Of(items, item => item.ReceivedAt.ToUniversalTime()),
            },
        };
}
