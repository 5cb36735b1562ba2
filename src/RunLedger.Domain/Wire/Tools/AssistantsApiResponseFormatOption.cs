using System.Text.Json;
using System.Text.Json.Serialization;

namespace RunLedger.Domain.Wire;

/// <summary>
/// The format that the model must answer in: a mode (<see cref="AssistantsApiResponseFormatMode"/>), a format
/// (<see cref="AssistantsApiResponseFormat"/>), or a shape that is not known (<see cref="AssistantsApiResponseFormatUnknown"/>).
/// </summary>
/// <remarks>Source: Assistants API reference, "The run object", field <c>response_format</c>.</remarks>
[JsonConverter(typeof(AssistantsApiResponseFormatConverter))]
public abstract record AssistantsApiResponseFormatOption : IWireUnion
{
    private protected AssistantsApiResponseFormatOption()
    {
    }

    void IWireUnion.WriteTo(Utf8JsonWriter writer) => WriteTo(writer);

    private protected abstract void WriteTo(Utf8JsonWriter writer);
}

/// <summary>A mode instead of a format.</summary>
/// <param name="Value">The mode as it stands on the wire.</param>
public sealed record AssistantsApiResponseFormatMode(string Value) : AssistantsApiResponseFormatOption
{
    /// <summary><c>auto</c>: the API's default.</summary>
    public static AssistantsApiResponseFormatMode Auto { get; } = new("auto");

    /// <summary>Whether the API reference names this mode.</summary>
    public bool IsKnown => Value is "auto";

    private protected override void WriteTo(Utf8JsonWriter writer) => WireTextConverter.WriteText(writer, Value);
}

/// <summary>A format.</summary>
public sealed record AssistantsApiResponseFormat : AssistantsApiResponseFormatOption
{
    /// <summary>The type of format: <c>text</c>, <c>json_object</c>, <c>json_schema</c>, or one that is not known here.</summary>
    public required string Type { get; init; }

    /// <summary>The schema, where the type is <c>json_schema</c>.</summary>
    [JsonConverter(typeof(OptionalConverter<ResponseFormatJsonSchema?>))]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public Optional<ResponseFormatJsonSchema?> JsonSchema { get; init; }

    /// <summary>The fields that this type does not declare; null when there were none.</summary>
    [JsonInclude, JsonExtensionData]
    public IDictionary<string, JsonElement>? UnknownFields { get; internal set; }

    private protected override void WriteTo(Utf8JsonWriter writer) =>
        JsonSerializer.Serialize(writer, this, WireJsonContext.Default.AssistantsApiResponseFormat);
}

/// <summary>A format in a shape that is not known here.</summary>
/// <param name="Raw">The format as it was read.</param>
public sealed record AssistantsApiResponseFormatUnknown(JsonElement Raw) : AssistantsApiResponseFormatOption
{
    private protected override void WriteTo(Utf8JsonWriter writer) => RawJsonConverter.WriteRaw(writer, Raw);
}

/// <summary>The schema that answers must follow.</summary>
/// <remarks>Source: Assistants API reference, "The run object", field <c>response_format.json_schema</c>.</remarks>
public sealed record ResponseFormatJsonSchema : WireObject
{
    /// <summary>The name of the format.</summary>
    public required string Name { get; init; }

    /// <summary>What the format is for, in words.</summary>
    [JsonConverter(typeof(OptionalConverter<string?>))]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public Optional<string?> Description { get; init; }

    /// <summary>The JSON Schema.</summary>
    [JsonConverter(typeof(OptionalConverter<JsonElement?>))]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public Optional<JsonElement?> Schema { get; init; }

    /// <summary>Whether the model must follow the schema exactly.</summary>
    [JsonConverter(typeof(OptionalConverter<bool?>))]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public Optional<bool?> Strict { get; init; }
}

internal sealed class AssistantsApiResponseFormatConverter : WireUnionConverter<AssistantsApiResponseFormatOption>
{
    protected override AssistantsApiResponseFormatOption? ReadKnown(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.String)
            return new AssistantsApiResponseFormatMode(WireTextConverter.ReadText(ref reader));
        return WireConverting.PeekType(reader) is null
            ? null
            : WireConverting.ReadInner(ref reader, WireJsonContext.Default.AssistantsApiResponseFormat);
    }

    protected override AssistantsApiResponseFormatOption Keep(JsonElement raw) => new AssistantsApiResponseFormatUnknown(raw);
}
