using System.Text.Json;
using System.Text.Json.Serialization;

namespace RunLedger.Domain.Wire;

/// <summary>
/// The system or developer message of a response: a text, a list of input items (where a prompt template made them), or a shape that
/// is not known.
/// </summary>
/// <remarks>Source: Responses API reference, "The response object", field <c>instructions</c>.</remarks>
[JsonConverter(typeof(ResponseInstructionsConverter))]
public abstract record ResponseInstructions : IWireUnion
{
    private protected ResponseInstructions()
    {
    }

    void IWireUnion.WriteTo(Utf8JsonWriter writer) => WriteTo(writer);

    private protected abstract void WriteTo(Utf8JsonWriter writer);
}

/// <summary>Instructions that are one text.</summary>
/// <param name="Text">The text.</param>
public sealed record ResponseInstructionsText(string Text) : ResponseInstructions
{
    private protected override void WriteTo(Utf8JsonWriter writer) => WireTextConverter.WriteText(writer, Text);
}

/// <summary>Instructions that are a list of input items.</summary>
/// <param name="Raw">The JSON array as it was read.</param>
public sealed record ResponseInstructionsItems(JsonElement Raw) : ResponseInstructions
{
    /// <summary>The items in their order.</summary>
    public IEnumerable<JsonElement> Items => Raw.EnumerateArray();

    private protected override void WriteTo(Utf8JsonWriter writer) => RawJsonConverter.WriteRaw(writer, Raw);
}

/// <summary>Instructions in a shape that is not known here.</summary>
/// <param name="Raw">The instructions as they were read.</param>
public sealed record ResponseInstructionsUnknown(JsonElement Raw) : ResponseInstructions
{
    private protected override void WriteTo(Utf8JsonWriter writer) => RawJsonConverter.WriteRaw(writer, Raw);
}

internal sealed class ResponseInstructionsConverter : WireUnionConverter<ResponseInstructions>
{
    protected override ResponseInstructions? ReadKnown(ref Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.String => new ResponseInstructionsText(WireTextConverter.ReadText(ref reader)),
        JsonTokenType.StartArray => new ResponseInstructionsItems(JsonElement.ParseValue(ref reader)),
        _ => null,
    };

    protected override ResponseInstructions Keep(JsonElement raw) => new ResponseInstructionsUnknown(raw);
}
