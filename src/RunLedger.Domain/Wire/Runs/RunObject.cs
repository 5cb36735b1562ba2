using System.Text.Json;

namespace RunLedger.Domain.Wire;

/// <summary>An execution of an assistant on a thread, as the Assistants API shows it at one moment.</summary>
/// <remarks>
/// Source: Assistants API reference, "The run object". All timestamps are Unix time in whole seconds (UTC). Fields that the API
/// declares and a document lacks read as null, so that runs recorded before a field existed can be read.
/// </remarks>
public sealed record RunObject : WireObject
{
    /// <summary>The identifier of the run.</summary>
    public required string Id { get; init; }

    /// <summary>The type of object, always <c>thread.run</c>.</summary>
    public required string Object { get; init; }

    /// <summary>When the run was created, in seconds since the epoch.</summary>
    public required long CreatedAt { get; init; }

    /// <summary>The thread that the run works on.</summary>
    public required string ThreadId { get; init; }

    /// <summary>The assistant that executes the run; null where the service does not say, or no longer.</summary>
    public string? AssistantId { get; init; }

    /// <summary>The status at the moment of the snapshot.</summary>
    public required RunStatus Status { get; init; }

    /// <summary>What the run waits for; null unless the status is <see cref="RunStatus.RequiresAction"/>.</summary>
    public RequiredAction? RequiredAction { get; init; }

    /// <summary>The last error; null if there was none.</summary>
    public LastError? LastError { get; init; }

    /// <summary>When the run will expire, in seconds since the epoch; null once it has ended.</summary>
    public long? ExpiresAt { get; init; }

    /// <summary>When the run was last started, in seconds since the epoch: it changes after tool outputs were submitted.</summary>
    public long? StartedAt { get; init; }

    /// <summary>When the run was cancelled, in seconds since the epoch.</summary>
    public long? CancelledAt { get; init; }

    /// <summary>When the run failed, in seconds since the epoch.</summary>
    public long? FailedAt { get; init; }

    /// <summary>When the run was completed, in seconds since the epoch.</summary>
    public long? CompletedAt { get; init; }

    /// <summary>Why the run is incomplete; null if it is not.</summary>
    public RunObjectIncompleteDetails? IncompleteDetails { get; init; }

    /// <summary>The model that the run uses.</summary>
    public required string Model { get; init; }

    /// <summary>The instructions of the run. The reference promises a string; the API sends null when the assistant has none.</summary>
    public string? Instructions { get; init; }

    /// <summary>The tools that the run may use.</summary>
    public required IReadOnlyList<AssistantTools> Tools { get; init; }

    /// <summary>What the tools have at hand. Not in the reference of the run object; the API sends it.</summary>
    public ToolResources? ToolResources { get; init; }

    /// <summary>Up to 16 pairs that the user attached to the run.</summary>
    public IReadOnlyDictionary<string, JsonElement>? Metadata { get; init; }

    /// <summary>The tokens used; null until the run has ended.</summary>
    public RunCompletionUsage? Usage { get; init; }

    /// <summary>The sampling temperature, 0 to 2.</summary>
    public double? Temperature { get; init; }

    /// <summary>The nucleus sampling mass, 0 to 1.</summary>
    public double? TopP { get; init; }

    /// <summary>
    /// How much a reasoning model shall reason (<c>low</c>, <c>medium</c>, <c>high</c> ...). The API sends it since 2025.
    /// </summary>
    public string? ReasoningEffort { get; init; }

    /// <summary>The limit on prompt tokens over the whole run, in tokens; null for none.</summary>
    public long? MaxPromptTokens { get; init; }

    /// <summary>The limit on completion tokens over the whole run, in tokens; null for none.</summary>
    public long? MaxCompletionTokens { get; init; }

    /// <summary>How the thread is shortened before the run.</summary>
    public TruncationObject? TruncationStrategy { get; init; }

    /// <summary>Which tools the model may or must call.</summary>
    public AssistantsApiToolChoiceOption? ToolChoice { get; init; }

    /// <summary>Whether the model may call functions in parallel; null in runs from before the API had the field.</summary>
    public bool? ParallelToolCalls { get; init; }

    /// <summary>The format that the model must answer in.</summary>
    public AssistantsApiResponseFormatOption? ResponseFormat { get; init; }
}
