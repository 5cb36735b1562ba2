using System.Text;
using System.Text.Json;
using RunLedger.Simulator.Api;
using RunLedger.Simulator.Runs;

namespace RunLedger.Simulator.Scenarios;

/// <summary>A function call that a run asks its client for.</summary>
/// <param name="Id">The id, <c>call_…</c>, that the output must name.</param>
/// <param name="Name">The function's name.</param>
/// <param name="Arguments">The arguments: JSON in a string, as the model wrote it.</param>
internal sealed record ToolCall(string Id, string Name, string Arguments)
{
    private static readonly string[] Words =
        ["Lisbon", "Thursday", "invoice 4711", "winter jacket", "quarterly revenue", "Grüße aus Köln"];

    /// <summary>
    /// Calls of the run's functions; none if it has none, and one at most if the request forbade parallel tool calls.
    /// </summary>
    public static IReadOnlyList<ToolCall> Draw(RunConfiguration configuration, int count, SeededRandom random)
    {
        var functions = configuration.Functions;
        return functions.Count == 0
            ? []
            : [.. Enumerable.Range(0, configuration.ParallelToolCalls ? count : 1).Select(_ => Draw(random.Pick(functions), random))];
    }

    private static ToolCall Draw(JsonElement function, SeededRandom random) =>
        new(random.Id("call"), function.GetProperty("name").GetString()!, DrawArguments(function, random));

    private static string DrawArguments(JsonElement function, SeededRandom random)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            foreach (var parameter in ParametersOf(function))
            {
                writer.WritePropertyName(parameter.Name);
                WriteArgument(writer, parameter.Value, random);
            }

            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.ToArray());
    }

    private static JsonElement.ObjectEnumerator ParametersOf(JsonElement function) =>
        function.TryGetProperty("parameters", out var schema) && schema.ValueKind == JsonValueKind.Object
            && schema.TryGetProperty("properties", out var properties) && properties.ValueKind == JsonValueKind.Object
            ? properties.EnumerateObject()
            : RequestBody.EmptyObject.EnumerateObject();

    private static void WriteArgument(Utf8JsonWriter writer, JsonElement schema, SeededRandom random)
    {
        if (schema.ValueKind == JsonValueKind.Object && schema.TryGetProperty("enum", out var values)
            && values.ValueKind == JsonValueKind.Array && values.GetArrayLength() > 0)
        {
            values[random.Between(0, values.GetArrayLength() - 1)].WriteTo(writer);
            return;
        }

        switch (TypeOf(schema))
        {
            case "integer": writer.WriteNumberValue(random.Between(1, 100)); break;
            case "number": writer.WriteNumberValue(random.Between(1, 10_000) / 100m); break;
            case "boolean": writer.WriteBooleanValue(random.Chance(0.5)); break;
            case "array": writer.WriteStartArray(); writer.WriteEndArray(); break;
            case "object": writer.WriteStartObject(); writer.WriteEndObject(); break;
            default: writer.WriteStringValue(random.Pick(Words)); break;
        }
    }

    private static string? TypeOf(JsonElement schema) =>
        schema.ValueKind == JsonValueKind.Object && schema.TryGetProperty("type", out var type) && type.ValueKind == JsonValueKind.String
            ? type.GetString()
            : null;
}
