using System.Text.Json.Serialization;

namespace RunLedger.Domain.Wire;

/// <summary>What must be done for a run to go on.</summary>
/// <remarks>Source: Assistants API reference, "The run object", field <c>required_action</c>.</remarks>
public sealed record RequiredAction : WireObject
{
    /// <summary>The kind of action; so far always <c>submit_tool_outputs</c>.</summary>
    public required string Type { get; init; }

    /// <summary>The tool outputs that are asked for; null in an action of another type.</summary>
    public SubmitToolOutputs? SubmitToolOutputs { get; init; }
}

/// <summary>The tool outputs that a run waits for.</summary>
/// <remarks>Source: Assistants API reference, "The run object", field <c>required_action.submit_tool_outputs</c>.</remarks>
public sealed record SubmitToolOutputs : WireObject, IJsonOnDeserialized
{
    /// <summary>The calls whose outputs are needed.</summary>
    public required IReadOnlyList<RunToolCallObject> ToolCalls { get; init; }

    void IJsonOnDeserialized.OnDeserialized() => WireConverting.RejectNulls(ToolCalls, "tool_calls");
}

/// <summary>A tool call of the model.</summary>
/// <remarks>Source: Assistants API reference, "The run object", field <c>required_action.submit_tool_outputs.tool_calls</c>.</remarks>
public sealed record RunToolCallObject : WireObject
{
    /// <summary>The identifier of the call, which its output must name.</summary>
    public required string Id { get; init; }

    /// <summary>The type of tool; so far always <c>function</c>.</summary>
    public required string Type { get; init; }

    /// <summary>The function and its arguments; null in a call of another type.</summary>
    public FunctionCall? Function { get; init; }
}

/// <summary>The call of a function by the model.</summary>
/// <remarks>Source: Assistants API reference, "The run object", field <c>tool_calls.function</c>.</remarks>
public sealed record FunctionCall : WireObject
{
    /// <summary>The name of the function.</summary>
    public required string Name { get; init; }

    /// <summary>The arguments as the model wrote them: meant to be JSON, not promised to be.</summary>
    public required string Arguments { get; init; }
}
