using System.Collections.Frozen;
using System.Collections.Immutable;
using RunLedger.Domain.Json;
using RunLedger.Domain.Observations;
using RunLedger.Domain.Usage;

namespace RunLedger.Domain.Runs;

/// <summary>A run in one row, for tables and reports.</summary>
public sealed record RunView
{
    /// <summary>
    /// The version of this derivation. It goes up with every change after which the same events make another row; then a ledger's view is rebuilt
    /// beside the old one, to which <see cref="InVersion"/> is written until the switch.
    /// </summary>
    public const int CurrentVersion = 2;

    private static readonly FrozenSet<string> Fields = FrozenSet.Create(StringComparer.Ordinal,
        "object", "thread_id", "conversation", "assistant_id", "model", "status", "started_at", "expires_at", "metadata", "last_error", "error",
        "incomplete_details", "usage");

    /// <summary>The run's id.</summary>
    public required string RunId { get; init; }

    /// <summary>The API's object: <c>thread.run</c> or <c>response</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>The thread of a run, or the conversation of a response.</summary>
    public string? ThreadId { get; init; }

    /// <summary>The assistant.</summary>
    public string? AssistantId { get; init; }

    /// <summary>The model.</summary>
    public string? Model { get; init; }

    /// <summary>The status, in the API's words.</summary>
    public required string Status { get; init; }

    /// <summary>When the run was created. UTC.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it last started. UTC.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>When it ended. UTC.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>When it expires if nothing happens. UTC.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>When it was first observed. UTC.</summary>
    public DateTimeOffset FirstObservedAt { get; init; }

    /// <summary>When the newest observation that showed something new was made. UTC.</summary>
    public DateTimeOffset LastObservedAt { get; init; }

    /// <summary>The version of its event stream.</summary>
    public long Version { get; init; }

    /// <summary>Its metadata as a JSON object that <c>jsonb</c> can hold; null if it has none.</summary>
    public JsonText? Metadata { get; init; }

    /// <summary>The code of its last error.</summary>
    public string? ErrorCode { get; init; }

    /// <summary>The message of its last error.</summary>
    public string? ErrorMessage { get; init; }

    /// <summary>Which limit ended it.</summary>
    public string? IncompleteReason { get; init; }

    /// <summary>How many tool calls were seen.</summary>
    public int ToolCalls { get; init; }

    /// <summary>The names of the tools that were called, in ordinal order, with commas between; empty if none was, null in rows of version 1.</summary>
    public string? ToolNames { get; init; }

    /// <summary>How many observations arrived late.</summary>
    public int LateObservations { get; init; }

    /// <summary>How many observations contradicted the record.</summary>
    public int Contradictions { get; init; }

    /// <summary>The tokens used; null while the API has not said.</summary>
    public TokenUsage? Usage { get; init; }

    /// <summary>Whether a row tells anything of this field of a snapshot; all others may be left aside where only rows are made.</summary>
    public static bool IsMadeOf(string field) => Fields.Contains(field);

    /// <summary>The view of a run's state.</summary>
    public static RunView Of(RunState state)
    {
        var fields = state.Fields;
        var error = RunError.Read(fields["last_error"] ?? fields["error"]);
        return new RunView
        {
            RunId = state.Id.Value,
            Kind = state.Kind.Name(),
            ThreadId = fields["thread_id"]?.AsString() ?? ViewText.Of(Conversation(fields["conversation"])),
            AssistantId = fields["assistant_id"]?.AsString(),
            Model = fields["model"]?.AsString(),
            Status = state.Status ?? "",
            CreatedAt = state.CreatedAt,
            StartedAt = Time(fields["started_at"]),
            EndedAt = state.EndedAt,
            ExpiresAt = Time(fields["expires_at"]),
            FirstObservedAt = state.Timeline.IsEmpty ? state.LastObservedAt : state.Timeline[0].ObservedAt,
            LastObservedAt = state.LastObservedAt,
            Version = state.Version,
            Metadata = ViewText.OfMetadata(fields["metadata"]),
            ErrorCode = ViewText.Of(error?.Code),
            ErrorMessage = ViewText.Of(error?.Message),
            IncompleteReason = ViewText.Of(fields["incomplete_details"]?.Property("reason"u8)?.AsString()),
            ToolCalls = state.ToolCalls.Count,
            ToolNames = NamesOf(state.ToolCalls),
            LateObservations = state.LateObservations,
            Contradictions = state.Contradictions,
            Usage = state.Usage,
        };
    }

    /// <summary>The row as an earlier version of the derivation makes it: version 1 has no names of tools.</summary>
    public RunView InVersion(int version) => version < 2 ? this with { ToolNames = null } : this;

    private static string NamesOf(ImmutableDictionary<string, ToolCall> calls) =>
        calls.IsEmpty ? "" : ViewText.Of(string.Join(',', calls.Values.Select(call => call.Name ?? call.Type).Distinct().Order(StringComparer.Ordinal)))!;

    private static string? Conversation(JsonText? conversation) => conversation?.AsString() ?? conversation?.Property("id"u8)?.AsString();

    private static DateTimeOffset? Time(JsonText? seconds) => seconds?.AsInt64() is { } at ? DateTimeOffset.FromUnixTimeSeconds(at) : null;
}
