using System.Text.Json;
using System.Text.Json.Serialization;

namespace RunLedger.Domain.Wire;

/// <summary>What the model is told about a function.</summary>
/// <remarks>Source: Assistants API reference, "The run object", field <c>tools.function</c>.</remarks>
public sealed record FunctionObject : WireObject
{
    /// <summary>The name of the function.</summary>
    public required string Name { get; init; }

    /// <summary>What it does, in words.</summary>
    [JsonConverter(typeof(OptionalConverter<string?>))]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public Optional<string?> Description { get; init; }

    /// <summary>Its parameters, as a JSON Schema.</summary>
    [JsonConverter(typeof(OptionalConverter<JsonElement?>))]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public Optional<JsonElement?> Parameters { get; init; }

    /// <summary>Whether the model must follow the schema exactly.</summary>
    [JsonConverter(typeof(OptionalConverter<bool?>))]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public Optional<bool?> Strict { get; init; }
}
