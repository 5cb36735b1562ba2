using System.Text.Json;
using System.Text.Json.Serialization;

namespace RunLedger.Domain.Wire;

/// <summary>
/// The conversation that a response belongs to: its identifier alone, an object that has it, or a shape that is not known.
/// </summary>
/// <remarks>Source: Responses API reference, "The response object", field <c>conversation</c>.</remarks>
[JsonConverter(typeof(ResponseConversationConverter))]
public abstract record ResponseConversation : IWireUnion
{
    private protected ResponseConversation()
    {
    }

    /// <summary>The identifier of the conversation; null where the shape is not known.</summary>
    public abstract string? ConversationId { get; }

    void IWireUnion.WriteTo(Utf8JsonWriter writer) => WriteTo(writer);

    private protected abstract void WriteTo(Utf8JsonWriter writer);
}

/// <summary>A conversation given by its identifier alone.</summary>
/// <param name="Id">The identifier.</param>
public sealed record ResponseConversationId(string Id) : ResponseConversation
{
    /// <inheritdoc/>
    public override string ConversationId => Id;

    private protected override void WriteTo(Utf8JsonWriter writer) => WireTextConverter.WriteText(writer, Id);
}

/// <summary>A conversation given as an object.</summary>
public sealed record ResponseConversationObject : ResponseConversation
{
    /// <summary>The identifier.</summary>
    public required string Id { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public override string ConversationId => Id;

    /// <summary>The fields that this type does not declare; null when there were none.</summary>
    [JsonInclude, JsonExtensionData]
    public IDictionary<string, JsonElement>? UnknownFields { get; internal set; }

    private protected override void WriteTo(Utf8JsonWriter writer) =>
        JsonSerializer.Serialize(writer, this, WireJsonContext.Default.ResponseConversationObject);
}

/// <summary>A conversation in a shape that is not known here.</summary>
/// <param name="Raw">The conversation as it was read.</param>
public sealed record ResponseConversationUnknown(JsonElement Raw) : ResponseConversation
{
    /// <inheritdoc/>
    public override string? ConversationId => null;

    private protected override void WriteTo(Utf8JsonWriter writer) => RawJsonConverter.WriteRaw(writer, Raw);
}

internal sealed class ResponseConversationConverter : WireUnionConverter<ResponseConversation>
{
    protected override ResponseConversation? ReadKnown(ref Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.String => new ResponseConversationId(WireTextConverter.ReadText(ref reader)),
        JsonTokenType.StartObject => WireConverting.ReadInner(ref reader, WireJsonContext.Default.ResponseConversationObject),
        _ => null,
    };

    protected override ResponseConversation Keep(JsonElement raw) => new ResponseConversationUnknown(raw);
}
