using System.Text.Json;
using RunLedger.Simulator.Api;
using RunLedger.Simulator.Assistants;

namespace RunLedger.Simulator.Runs;

/// <summary>What a run was created with: its assistant's settings, and over them those of its request, letter by letter.</summary>
internal sealed record RunConfiguration
{
    private static readonly JsonElement One = JsonElement.Parse("1.0");
    private static readonly JsonElement Auto = JsonElement.Parse("\"auto\"");
    private static readonly JsonElement AutoTruncation = JsonElement.Parse("""{"type":"auto","last_messages":null}""");

    public required string AssistantId { get; init; }

    public required string Model { get; init; }

    public required string? Instructions { get; init; }

    public required JsonElement Tools { get; init; }

    public JsonElement ToolResources { get; init; } = RequestBody.EmptyObject;

    public JsonElement Temperature { get; init; } = One;

    public JsonElement TopP { get; init; } = One;

    public required string? ReasoningEffort { get; init; }

    public int? MaxCompletionTokens { get; init; }

    public int? MaxPromptTokens { get; init; }

    public JsonElement TruncationStrategy { get; init; } = AutoTruncation;

    public JsonElement ResponseFormat { get; init; } = Auto;

    public JsonElement ToolChoice { get; init; } = Auto;

    public bool ParallelToolCalls { get; init; } = true;

    /// <summary>The functions that the run may call: none when the request's tool choice is <c>none</c>.</summary>
    public IReadOnlyList<JsonElement> Functions =>
        ToolChoice.ValueKind == JsonValueKind.String && ToolChoice.ValueEquals("none")
            ? []
            : [.. from tool in Tools.EnumerateArray()
                  where tool.GetProperty("type").ValueEquals("function")
                  select tool.GetProperty("function")];

    /// <summary>Reads a create-run request for this assistant.</summary>
    /// <exception cref="ApiException">400: a field is of a wrong type or out of its range.</exception>
    public static RunConfiguration Read(RequestBody body, SimulatedAssistant assistant) => new()
    {
        AssistantId = assistant.Id,
        Model = body.Text("model") ?? assistant.Model,
        Instructions = Joined(body.Text("instructions") ?? assistant.Instructions, body.Text("additional_instructions")),
        Tools = ToolList.Read(body) ?? assistant.Tools,
        ToolResources = body.Object("tool_resources") ?? RequestBody.EmptyObject,
        Temperature = body.Number("temperature", 0, 2) ?? One,
        TopP = body.Number("top_p", 0, 1) ?? One,
        ReasoningEffort = body.Text("reasoning_effort") ?? assistant.ReasoningEffort,
        MaxCompletionTokens = body.Whole("max_completion_tokens", 256),
        MaxPromptTokens = body.Whole("max_prompt_tokens", 256),
        TruncationStrategy = body.Object("truncation_strategy") ?? AutoTruncation,
        ResponseFormat = body.Any("response_format") ?? Auto,
        ToolChoice = body.Any("tool_choice") ?? Auto,
        ParallelToolCalls = body.Flag("parallel_tool_calls") ?? true,
    };

    private static string Joined(string instructions, string? additional) =>
        additional is null ? instructions : instructions + "\n" + additional;
}

/// <summary>The <c>tools</c> of a request.</summary>
internal static class ToolList
{
    /// <exception cref="ApiException">400: not an array of tools.</exception>
    public static JsonElement? Read(RequestBody body)
    {
        foreach (var tool in body.Objects("tools"))
        {
            Check(tool);
        }

        return body.Array("tools");
    }

    private static void Check(RequestBody tool)
    {
        var type = tool.Text("type") ?? throw tool.Missing("type");
        if (type is not ("function" or "code_interpreter" or "file_search"))
        {
            throw tool.BadValue("type", type, "'code_interpreter', 'file_search' and 'function'");
        }

        if (type == "function" && tool.Nested("function", "name", "description", "parameters", "strict")?.Text("name") is null)
        {
            throw tool.Missing("function.name");
        }
    }
}
