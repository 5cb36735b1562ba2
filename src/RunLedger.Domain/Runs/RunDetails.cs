using System.Collections.Immutable;
using RunLedger.Domain.Json;

namespace RunLedger.Domain.Runs;

/// <summary>A call of a tool, without its arguments.</summary>
/// <param name="Id">The call's id.</param>
/// <param name="Type">The tool's type, <c>function</c> for now.</param>
/// <param name="Name">The function's name; null for tools that have none.</param>
public sealed record ToolCall(string Id, string Type, string? Name)
{
    /// <summary>The calls that a snapshot shows: those of <c>required_action</c>, or the <c>function_call</c> items of <c>output</c>.</summary>
    public static ImmutableArray<ToolCall> Read(JsonText? requiredAction, JsonText? output)
    {
        var calls = ImmutableArray.CreateBuilder<ToolCall>();
        foreach (var call in requiredAction?.Property("submit_tool_outputs"u8)?.Property("tool_calls"u8)?.Elements() ?? [])
            if (call.Property("id"u8)?.AsString() is { Length: > 0 } id)
                calls.Add(new ToolCall(id, call.Property("type"u8)?.AsString() ?? "function", call.Property("function"u8)?.Property("name"u8)?.AsString()));
        foreach (var item in output?.Elements() ?? [])
            if (item.Property("type"u8)?.AsString() == "function_call" && item.Property("call_id"u8)?.AsString() is { Length: > 0 } id)
                calls.Add(new ToolCall(id, "function", item.Property("name"u8)?.AsString()));
        return calls.DrainToImmutable();
    }
}

/// <summary>Why a run failed.</summary>
/// <param name="Code">The API's code, e.g. <c>rate_limit_exceeded</c>.</param>
/// <param name="Message">The API's message.</param>
public sealed record RunError(string? Code, string? Message)
{
    /// <summary>Reads <c>last_error</c> of a run or <c>error</c> of a response; null if there is none.</summary>
    public static RunError? Read(JsonText? error) => error is null || error.Value.IsNull ? null
        : new RunError(error.Value.Property("code"u8)?.AsString(), error.Value.Property("message"u8)?.AsString());
}

/// <summary>Two values that cannot both be true.</summary>
/// <param name="Field">The field, as a path such as <c>usage.total_tokens</c>.</param>
/// <param name="Recorded">The value that the record holds, or that the rest of the snapshot demands.</param>
/// <param name="Observed">The value that was observed; null if the field was not there.</param>
public sealed record Contradiction(string Field, JsonText Recorded, JsonText? Observed);
