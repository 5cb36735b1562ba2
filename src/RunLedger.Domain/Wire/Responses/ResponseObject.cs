using System.Text.Json;

namespace RunLedger.Domain.Wire;

/// <summary>A response of a model, as the Responses API shows it at one moment.</summary>
/// <remarks>
/// Source: Responses API reference, "The response object". Timestamps are Unix time in whole seconds (UTC). Fields that the API
/// declares and a document lacks read as null, so that responses recorded before a field existed can be read. Fields about the
/// presentation of the answer (<c>text</c>, <c>reasoning</c>, <c>truncation</c> ...) are kept among the unknown ones.
/// </remarks>
public sealed record ResponseObject : WireObject
{
    /// <summary>The identifier of the response.</summary>
    public required string Id { get; init; }

    /// <summary>The type of object, always <c>response</c>.</summary>
    public required string Object { get; init; }

    /// <summary>When the response was created, in seconds since the epoch.</summary>
    public required long CreatedAt { get; init; }

    /// <summary>The status at the moment of the snapshot.</summary>
    public required ResponseStatus Status { get; init; }

    /// <summary>When the response was completed, in seconds since the epoch; the API sends it since 2025.</summary>
    public long? CompletedAt { get; init; }

    /// <summary>Whether the response is made in the background, to be polled for.</summary>
    public bool? Background { get; init; }

    /// <summary>The error; null if there was none.</summary>
    public ResponseError? Error { get; init; }

    /// <summary>Why the response is incomplete; null if it is not.</summary>
    public ResponseIncompleteDetails? IncompleteDetails { get; init; }

    /// <summary>The system or developer message.</summary>
    public ResponseInstructions? Instructions { get; init; }

    /// <summary>The model that the response is made with.</summary>
    public required string Model { get; init; }

    /// <summary>What the model put out, in its order.</summary>
    public required IReadOnlyList<ResponseOutputItem> Output { get; init; }

    /// <summary>The response that this one continues; null if it stands alone.</summary>
    public string? PreviousResponseId { get; init; }

    /// <summary>The conversation that the response belongs to; null if none.</summary>
    public ResponseConversation? Conversation { get; init; }

    /// <summary>The tokens used; null until the response has ended.</summary>
    public ResponseUsage? Usage { get; init; }

    /// <summary>The tools that the model may call.</summary>
    public IReadOnlyList<ResponseTool>? Tools { get; init; }

    /// <summary>Which tools the model may or must call: a mode, or an object that depends on the tool.</summary>
    public JsonElement? ToolChoice { get; init; }

    /// <summary>Whether the model may call tools in parallel.</summary>
    public bool? ParallelToolCalls { get; init; }

    /// <summary>The largest number of calls to built-in tools; null for no limit.</summary>
    public long? MaxToolCalls { get; init; }

    /// <summary>Up to 16 pairs that the user attached to the response.</summary>
    public IReadOnlyDictionary<string, JsonElement>? Metadata { get; init; }

    /// <summary>The sampling temperature, 0 to 2.</summary>
    public double? Temperature { get; init; }

    /// <summary>The nucleus sampling mass, 0 to 1.</summary>
    public double? TopP { get; init; }

    /// <summary>The limit on output tokens, reasoning included, in tokens; null for none.</summary>
    public long? MaxOutputTokens { get; init; }

    /// <summary>The tier that served the request (<c>default</c>, <c>flex</c>, <c>priority</c> ...), on which prices depend.</summary>
    public string? ServiceTier { get; init; }

    /// <summary>Whether the API keeps the response.</summary>
    public bool? Store { get; init; }

    /// <summary>The end user, as the caller named them.</summary>
    public string? User { get; init; }
}
