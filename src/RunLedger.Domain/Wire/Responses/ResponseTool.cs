using System.Text.Json;
using System.Text.Json.Serialization;

namespace RunLedger.Domain.Wire;

/// <summary>
/// A tool of a response: a <see cref="ResponseToolFunction"/>, or a <see cref="ResponseToolOther"/> (the built-in tools, and whatever
/// comes).
/// </summary>
/// <remarks>Source: Responses API reference, "The response object", field <c>tools</c>.</remarks>
[JsonConverter(typeof(ResponseToolConverter))]
public abstract record ResponseTool : WireObject, IWireUnion
{
    private protected ResponseTool()
    {
    }

    /// <summary>The type of tool as it stands on the wire; empty where a tool has none.</summary>
    public abstract string Type { get; }

    void IWireUnion.WriteTo(Utf8JsonWriter writer) => WriteTo(writer);

    private protected abstract void WriteTo(Utf8JsonWriter writer);
}

/// <summary>A function that the caller of the API runs.</summary>
public sealed record ResponseToolFunction : ResponseTool
{
    /// <summary>Always <c>function</c>.</summary>
    [JsonPropertyOrder(-1)]
    public override string Type => "function";

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

    private protected override void WriteTo(Utf8JsonWriter writer) =>
        JsonSerializer.Serialize(writer, this, WireJsonContext.Default.ResponseToolFunction);
}

/// <summary>A tool of any other type.</summary>
/// <param name="Raw">The tool as it was read; all its fields are here.</param>
public sealed record ResponseToolOther(JsonElement Raw) : ResponseTool
{
    /// <inheritdoc/>
    public override string Type { get; } = WireConverting.TypeOf(Raw);

    private protected override void WriteTo(Utf8JsonWriter writer) => RawJsonConverter.WriteRaw(writer, Raw);
}

internal sealed class ResponseToolConverter : WireUnionConverter<ResponseTool>
{
    // A list of tools has no place for "no tool": a null in it is kept as a tool of another type.
    public override bool HandleNull => true;

    protected override ResponseTool? ReadKnown(ref Utf8JsonReader reader) =>
        WireConverting.PeekType(reader) is "function"
            ? WireConverting.ReadInner(ref reader, WireJsonContext.Default.ResponseToolFunction)
            : null;

    protected override ResponseTool Keep(JsonElement raw) => new ResponseToolOther(raw);
}
