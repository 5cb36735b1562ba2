using System.Globalization;
using RunLedger.Domain.Json;
using RunLedger.Domain.Runs;

namespace RunLedger.Postgres.Replay;

/// <summary>Compares a run's row with what its events make of it.</summary>
internal static class RunComparison
{
    private const int LongestValue = 80;

    private static readonly (string Column, Func<RunView, object?> Value)[] Columns =
    [
        ("kind", view => view.Kind),
        ("thread_id", view => view.ThreadId),
        ("assistant_id", view => view.AssistantId),
        ("model", view => view.Model),
        ("status", view => view.Status),
        ("created_at", view => view.CreatedAt),
        ("started_at", view => view.StartedAt),
        ("ended_at", view => view.EndedAt),
        ("expires_at", view => view.ExpiresAt),
        ("first_observed_at", view => view.FirstObservedAt),
        ("last_observed_at", view => view.LastObservedAt),
        ("version", view => view.Version),
        ("error_code", view => view.ErrorCode),
        ("error_message", view => view.ErrorMessage),
        ("incomplete_reason", view => view.IncompleteReason),
        ("tool_calls", view => view.ToolCalls),
        ("tool_names", view => view.ToolNames),
        ("late_observations", view => view.LateObservations),
        ("contradictions", view => view.Contradictions),
        ("prompt_tokens", view => view.Usage?.Prompt),
        ("completion_tokens", view => view.Usage?.Completion),
        ("total_tokens", view => view.Usage?.Total),
        ("cached_tokens", view => view.Usage?.Cached),
        ("reasoning_tokens", view => view.Usage?.Reasoning),
    ];

    /// <summary>What differs, in words; null if nothing does.</summary>
    public static string? Of(RunView recomputed, RunView? stored)
    {
        if (stored is null) return "the row is missing";
        var sameMetadata = HaveSameMeaning(recomputed.Metadata, stored.Metadata);
        if (sameMetadata && recomputed with { Metadata = null } == stored with { Metadata = null }) return null;
        var differing = Columns.Where(column => !Equals(column.Value(recomputed), column.Value(stored)))
            .Select(column => $"{column.Column} is {Text(column.Value(stored))}, by the events {Text(column.Value(recomputed))}").ToList();
        if (!sameMetadata) differing.Add($"metadata is {Text(stored.Metadata)}, by the events {Text(recomputed.Metadata)}");
        return string.Join("; ", differing);
    }

    // jsonb keeps the meaning of what it is given, not the text.
    private static bool HaveSameMeaning(JsonText? left, JsonText? right) =>
        left is { } one && right is { } other ? one == other || CanonicalJson.DigestOf(one) == CanonicalJson.DigestOf(other) : left is null && right is null;

    private static string Text(object? value)
    {
        var text = value switch
        {
            null => "null",
            string word => $"'{word}'",
            DateTimeOffset time => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFF'Z'", CultureInfo.InvariantCulture),
            _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
        };
        return text.Length <= LongestValue ? text : $"{text[..LongestValue]}…";
    }
}
