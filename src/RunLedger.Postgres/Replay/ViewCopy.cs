using Npgsql;
using NpgsqlTypes;
using RunLedger.Domain.Observations;
using RunLedger.Domain.Runs;
using RunLedger.Domain.Usage;

namespace RunLedger.Postgres.Replay;

/// <summary>Writes the rows of views by binary COPY.</summary>
internal static class ViewCopy
{
    /// <summary>Writes the row of a run.</summary>
    public static async Task WriteRunAsync(NpgsqlBinaryImporter copy, TenantId tenant, RunView view, CancellationToken cancellationToken)
    {
        await copy.StartRowAsync(cancellationToken);
        await TextAsync(copy, tenant.Value);
        await TextAsync(copy, view.RunId);
        await TextAsync(copy, view.Kind);
        await TextAsync(copy, view.ThreadId);
        await TextAsync(copy, view.AssistantId);
        await TextAsync(copy, view.Model);
        await TextAsync(copy, view.Status);
        await TimeAsync(copy, view.CreatedAt);
        await TimeAsync(copy, view.StartedAt);
        await TimeAsync(copy, view.EndedAt);
        await TimeAsync(copy, view.ExpiresAt);
        await TimeAsync(copy, view.FirstObservedAt);
        await TimeAsync(copy, view.LastObservedAt);
        await copy.WriteAsync(view.Version, NpgsqlDbType.Bigint, cancellationToken);
        if (view.Metadata is { } metadata) await copy.WriteAsync(metadata.Utf8.ToArray(), NpgsqlDbType.Jsonb, cancellationToken);
        else await copy.WriteNullAsync(cancellationToken);
        await TextAsync(copy, view.ErrorCode);
        await TextAsync(copy, view.ErrorMessage);
        await TextAsync(copy, view.IncompleteReason);
        await copy.WriteAsync(view.ToolCalls, NpgsqlDbType.Integer, cancellationToken);
        await copy.WriteAsync(view.LateObservations, NpgsqlDbType.Integer, cancellationToken);
        await copy.WriteAsync(view.Contradictions, NpgsqlDbType.Integer, cancellationToken);
        await CountAsync(copy, view.Usage?.Prompt);
        await CountAsync(copy, view.Usage?.Completion);
        await CountAsync(copy, view.Usage?.Total);
        await CountAsync(copy, view.Usage?.Cached);
        await CountAsync(copy, view.Usage?.Reasoning);
        await TextAsync(copy, view.ToolNames);
    }

    /// <summary>Writes sums of usage.</summary>
    public static async Task WriteUsageAsync(
        NpgsqlConnection connection, string path, IReadOnlyDictionary<(TenantId Tenant, UsageKey Key), UsageAmounts> usage, CancellationToken cancellationToken)
    {
        await using var copy = await connection.BeginBinaryImportAsync(Sql.Text(path), cancellationToken);
        foreach (var ((tenant, key), amounts) in usage)
        {
            if (amounts == default) continue;
            await copy.StartRowAsync(cancellationToken);
            await TextAsync(copy, tenant.Value);
            await TimeAsync(copy, key.Hour);
            await TextAsync(copy, key.Model);
            await TextAsync(copy, key.AssistantId);
            await TextAsync(copy, key.Kind);
            var (runs, completed, failed, cancelled, incomplete, expired, tokens) = amounts;
            foreach (var count in (long[])[runs, completed, failed, cancelled, incomplete, expired])
                await CountAsync(copy, count);
            foreach (var count in (long[])[tokens.Prompt, tokens.Completion, tokens.Total, tokens.Cached, tokens.Reasoning])
                await CountAsync(copy, count);
            await copy.WriteAsync(key.Dimensions.Values.ToArray(), NpgsqlDbType.Array | NpgsqlDbType.Varchar, cancellationToken);
        }
        await copy.CompleteAsync(cancellationToken);
    }

    private static Task TextAsync(NpgsqlBinaryImporter copy, string? text) => text is null ? copy.WriteNullAsync() : copy.WriteAsync(text, NpgsqlDbType.Varchar);

    private static Task TimeAsync(NpgsqlBinaryImporter copy, DateTimeOffset? time) =>
        time is null ? copy.WriteNullAsync() : copy.WriteAsync(time.Value, NpgsqlDbType.TimestampTz);

    private static Task CountAsync(NpgsqlBinaryImporter copy, long? count) => count is null ? copy.WriteNullAsync() : copy.WriteAsync(count.Value, NpgsqlDbType.Bigint);
}
