using System.Text.Json.Serialization;

namespace RunLedger.Domain.Wire;

/// <summary>The body of a request that submits the outputs of tool calls.</summary>
/// <remarks>Source: Assistants API reference, "Submit tool outputs to run".</remarks>
public sealed record SubmitToolOutputsRunRequest : WireObject, IJsonOnDeserialized
{
    /// <summary>The outputs.</summary>
    public required IReadOnlyList<ToolsOutputs> ToolOutputs { get; init; }

    /// <summary>Whether to answer with a stream of server-sent events.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? Stream { get; init; }

    void IJsonOnDeserialized.OnDeserialized() => WireConverting.RejectNulls(ToolOutputs, "tool_outputs");
}

/// <summary>The output of one tool call.</summary>
/// <remarks>Source: Assistants API reference, "Submit tool outputs to run", field <c>tool_outputs</c>.</remarks>
public sealed record ToolsOutputs : WireObject
{
    /// <summary>The call, as <see cref="RunToolCallObject.Id"/> names it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? ToolCallId { get; init; }

    /// <summary>The output, as text.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Output { get; init; }
}
