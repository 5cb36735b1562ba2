using System.Text.Json.Serialization;
using RunLedger.Domain.Json;
using RunLedger.Domain.Runs;
using RunLedger.Domain.Usage;

namespace RunLedger.Host.Api.Runs;

/// <summary>A run in one row.</summary>
public sealed record RunAnswer
{
    /// <summary>The run's id.</summary>
    public required string RunId { get; init; }

    /// <summary><c>thread.run</c> or <c>response</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>The thread of a run, or the conversation of a response.</summary>
    public required string? ThreadId { get; init; }

    /// <summary>The assistant.</summary>
    public required string? AssistantId { get; init; }

    /// <summary>The model.</summary>
    public required string? Model { get; init; }

    /// <summary>The status, in the API's words.</summary>
    public required string Status { get; init; }

    /// <summary>When it was created.</summary>
    public required DateTime CreatedAt { get; init; }

    /// <summary>When it last started.</summary>
    public required DateTime? StartedAt { get; init; }

    /// <summary>When it ended.</summary>
    public required DateTime? EndedAt { get; init; }

    /// <summary>When it expires if nothing happens.</summary>
    public required DateTime? ExpiresAt { get; init; }

    /// <summary>When it was first observed.</summary>
    public required DateTime FirstObservedAt { get; init; }

    /// <summary>When the newest observation that showed something new was made.</summary>
    public required DateTime LastObservedAt { get; init; }

    /// <summary>The version of its event stream.</summary>
    public required long Version { get; init; }

    /// <summary>Its metadata.</summary>
    public required JsonText? Metadata { get; init; }

    /// <summary>The code of its last error.</summary>
    public required string? ErrorCode { get; init; }

    /// <summary>The message of its last error, of which at most the first 4,096 characters, with an ellipsis where there are more.</summary>
    public required string? ErrorMessage { get; init; }

    /// <summary>Which limit ended it.</summary>
    public required string? IncompleteReason { get; init; }

    /// <summary>How many tool calls were seen.</summary>
    public required int ToolCalls { get; init; }

    /// <summary>How many observations arrived late.</summary>
    public required int LateObservations { get; init; }

    /// <summary>How many observations contradicted the record.</summary>
    public required int Contradictions { get; init; }

    /// <summary>The tokens used; null while the API has not said.</summary>
    public required TokensAnswer? Usage { get; init; }

    /// <summary>The answer for a view.</summary>
    public static RunAnswer Of(RunView view) => new()
    {
        RunId = view.RunId,
        Kind = view.Kind,
        ThreadId = view.ThreadId,
        AssistantId = view.AssistantId,
        Model = view.Model,
        Status = view.Status,
        CreatedAt = view.CreatedAt.UtcDateTime,
        StartedAt = view.StartedAt?.UtcDateTime,
        EndedAt = view.EndedAt?.UtcDateTime,
        ExpiresAt = view.ExpiresAt?.UtcDateTime,
        FirstObservedAt = view.FirstObservedAt.UtcDateTime,
        LastObservedAt = view.LastObservedAt.UtcDateTime,
        Version = view.Version,
        Metadata = view.Metadata,
        ErrorCode = view.ErrorCode,
        ErrorMessage = view.ErrorMessage,
        IncompleteReason = view.IncompleteReason,
        ToolCalls = view.ToolCalls,
        LateObservations = view.LateObservations,
        Contradictions = view.Contradictions,
        Usage = view.Usage is { } usage ? TokensAnswer.Of(usage) : null,
    };
}

/// <summary>Tokens that a run used.</summary>
/// <param name="PromptTokens">Input tokens, cached ones included.</param>
/// <param name="CompletionTokens">Output tokens, reasoning included.</param>
/// <param name="TotalTokens">The total as the API states it.</param>
/// <param name="CachedTokens">Input tokens that were read from a cache.</param>
/// <param name="ReasoningTokens">Output tokens that were spent on reasoning.</param>
public sealed record TokensAnswer(long PromptTokens, long CompletionTokens, long TotalTokens, long CachedTokens, long ReasoningTokens)
{
    /// <summary>The answer for a usage.</summary>
    public static TokensAnswer Of(TokenUsage usage) => new(usage.Prompt, usage.Completion, usage.Total, usage.Cached, usage.Reasoning);
}

/// <summary>A page of runs, newest first.</summary>
/// <param name="Data">The runs.</param>
/// <param name="NextCursor">Where the next page begins; null if this is the last.</param>
public sealed record RunList(IReadOnlyList<RunAnswer> Data, string? NextCursor)
{
    /// <summary><c>list</c>.</summary>
    [JsonPropertyOrder(-1)]
    public string Object => "list";
}
