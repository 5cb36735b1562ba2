using System.Text.Json;
using System.Text.Json.Serialization;

namespace RunLedger.Domain.Wire;

/// <summary>The body of a request that creates a run. What is null is not written: the assistant's own setting applies.</summary>
/// <remarks>
/// Source: Assistants API reference, "Create run". The body of "Create thread and run" reads as well; its <c>thread</c> is kept among
/// the unknown fields.
/// </remarks>
public sealed record CreateRunRequest : WireObject, IJsonOnDeserialized
{
    /// <summary>The assistant to execute.</summary>
    public required string AssistantId { get; init; }

    /// <summary>The model, instead of the assistant's.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Model { get; init; }

    /// <summary>How much a reasoning model shall reason (<c>low</c>, <c>medium</c>, <c>high</c> ...).</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? ReasoningEffort { get; init; }

    /// <summary>The instructions, instead of the assistant's.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Instructions { get; init; }

    /// <summary>Instructions to append to those of the run.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? AdditionalInstructions { get; init; }

    /// <summary>Messages to add to the thread before the run is created.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<CreateMessageRequest>? AdditionalMessages { get; init; }

    /// <summary>The tools, instead of the assistant's.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<AssistantTools>? Tools { get; init; }

    /// <summary>Up to 16 pairs to attach to the run.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, JsonElement>? Metadata { get; init; }

    /// <summary>The sampling temperature, 0 to 2.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Temperature { get; init; }

    /// <summary>The nucleus sampling mass, 0 to 1.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? TopP { get; init; }

    /// <summary>Whether to answer with a stream of server-sent events.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? Stream { get; init; }

    /// <summary>The limit on prompt tokens over the whole run, in tokens.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? MaxPromptTokens { get; init; }

    /// <summary>The limit on completion tokens over the whole run, in tokens.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? MaxCompletionTokens { get; init; }

    /// <summary>How to shorten the thread before the run.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public TruncationObject? TruncationStrategy { get; init; }

    /// <summary>Which tools the model may or must call.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public AssistantsApiToolChoiceOption? ToolChoice { get; init; }

    /// <summary>Whether the model may call functions in parallel.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? ParallelToolCalls { get; init; }

    /// <summary>The format that the model must answer in.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public AssistantsApiResponseFormatOption? ResponseFormat { get; init; }

    void IJsonOnDeserialized.OnDeserialized() => WireConverting.RejectNulls(AdditionalMessages, "additional_messages");
}
