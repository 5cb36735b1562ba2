using System.Text.Json;
using System.Text.Json.Serialization;

namespace RunLedger.Domain.Wire;

/// <summary>
/// Something that the model put out: a <see cref="ResponseFunctionCall"/>, or a <see cref="ResponseOutputOther"/> (messages, reasoning,
/// calls of built-in tools, and whatever comes).
/// </summary>
/// <remarks>Source: Responses API reference, "The response object", field <c>output</c>.</remarks>
[JsonConverter(typeof(ResponseOutputItemConverter))]
public abstract record ResponseOutputItem : WireObject, IWireUnion
{
    private protected ResponseOutputItem()
    {
    }

    /// <summary>The type of item as it stands on the wire; empty where an item has none.</summary>
    public abstract string Type { get; }

    void IWireUnion.WriteTo(Utf8JsonWriter writer) => WriteTo(writer);

    private protected abstract void WriteTo(Utf8JsonWriter writer);
}

/// <summary>The call of a function that the caller of the API runs.</summary>
public sealed record ResponseFunctionCall : ResponseOutputItem
{
    /// <summary>Always <c>function_call</c>.</summary>
    [JsonPropertyOrder(-1)]
    public override string Type => "function_call";

    /// <summary>The identifier of the item.</summary>
    [JsonConverter(typeof(OptionalConverter<string?>))]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public Optional<string?> Id { get; init; }

    /// <summary>The identifier of the call, which its output must name.</summary>
    public required string CallId { get; init; }

    /// <summary>The name of the function.</summary>
    public required string Name { get; init; }

    /// <summary>The arguments as the model wrote them: meant to be JSON, not promised to be.</summary>
    public required string Arguments { get; init; }

    /// <summary>The status of the item: <c>in_progress</c>, <c>completed</c>, <c>incomplete</c>.</summary>
    [JsonConverter(typeof(OptionalConverter<string?>))]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public Optional<string?> Status { get; init; }

    private protected override void WriteTo(Utf8JsonWriter writer) =>
        JsonSerializer.Serialize(writer, this, WireJsonContext.Default.ResponseFunctionCall);
}

/// <summary>An item of any other type.</summary>
/// <param name="Raw">The item as it was read; all its fields are here.</param>
public sealed record ResponseOutputOther(JsonElement Raw) : ResponseOutputItem
{
    /// <inheritdoc/>
    public override string Type { get; } = WireConverting.TypeOf(Raw);

    private protected override void WriteTo(Utf8JsonWriter writer) => RawJsonConverter.WriteRaw(writer, Raw);
}

internal sealed class ResponseOutputItemConverter : WireUnionConverter<ResponseOutputItem>
{
    // An output has no place for "no item": a null in it is kept as an item of another type.
    public override bool HandleNull => true;

    protected override ResponseOutputItem? ReadKnown(ref Utf8JsonReader reader) =>
        WireConverting.PeekType(reader) is "function_call"
            ? WireConverting.ReadInner(ref reader, WireJsonContext.Default.ResponseFunctionCall)
            : null;

    protected override ResponseOutputItem Keep(JsonElement raw) => new ResponseOutputOther(raw);
}
