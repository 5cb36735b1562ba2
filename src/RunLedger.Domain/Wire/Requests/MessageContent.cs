using System.Text.Json;
using System.Text.Json.Serialization;

namespace RunLedger.Domain.Wire;

/// <summary>
/// What a message to be created says: <see cref="MessageText"/>, <see cref="MessageParts"/> or a shape that is not known.
/// </summary>
/// <remarks>Source: Assistants API reference, "Create message", field <c>content</c>.</remarks>
[JsonConverter(typeof(MessageContentConverter))]
public abstract record MessageContent : IWireUnion
{
    private protected MessageContent()
    {
    }

    void IWireUnion.WriteTo(Utf8JsonWriter writer) => WriteTo(writer);

    private protected abstract void WriteTo(Utf8JsonWriter writer);
}

/// <summary>A message that is one text.</summary>
/// <param name="Text">The text.</param>
public sealed record MessageText(string Text) : MessageContent
{
    private protected override void WriteTo(Utf8JsonWriter writer) => WireTextConverter.WriteText(writer, Text);
}

/// <summary>A message that consists of texts and images.</summary>
/// <param name="Parts">The parts in their order.</param>
public sealed record MessageParts(IReadOnlyList<MessageContentPart> Parts) : MessageContent
{
    private protected override void WriteTo(Utf8JsonWriter writer) =>
        JsonSerializer.Serialize(writer, Parts, WireJsonContext.Default.IReadOnlyListMessageContentPart);
}

/// <summary>A message in a shape that is not known here.</summary>
/// <param name="Raw">The content as it was read.</param>
public sealed record MessageContentUnknown(JsonElement Raw) : MessageContent
{
    private protected override void WriteTo(Utf8JsonWriter writer) => RawJsonConverter.WriteRaw(writer, Raw);
}

/// <summary>A part of a message.</summary>
/// <remarks>Source: Assistants API reference, "Create message", field <c>content</c>, array of content parts.</remarks>
public sealed record MessageContentPart : WireObject
{
    /// <summary>The type: <c>text</c>, <c>image_file</c>, <c>image_url</c>, or one that is not known here.</summary>
    public required string Type { get; init; }

    /// <summary>The text of a part of type <c>text</c>.</summary>
    [JsonConverter(typeof(OptionalConverter<string?>))]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public Optional<string?> Text { get; init; }

    /// <summary>The image of a part of type <c>image_file</c>.</summary>
    [JsonConverter(typeof(OptionalConverter<MessageImageFile?>))]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public Optional<MessageImageFile?> ImageFile { get; init; }

    /// <summary>The image of a part of type <c>image_url</c>.</summary>
    [JsonConverter(typeof(OptionalConverter<MessageImageUrl?>))]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public Optional<MessageImageUrl?> ImageUrl { get; init; }
}

/// <summary>An image that was uploaded as a file.</summary>
/// <remarks>Source: Assistants API reference, "Create message", field <c>content.image_file</c>.</remarks>
public sealed record MessageImageFile : WireObject
{
    /// <summary>The file.</summary>
    public required string FileId { get; init; }

    /// <summary>How closely the model looks: <c>auto</c>, <c>low</c> or <c>high</c>.</summary>
    [JsonConverter(typeof(OptionalConverter<string?>))]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public Optional<string?> Detail { get; init; }
}

/// <summary>An image at an address.</summary>
/// <remarks>Source: Assistants API reference, "Create message", field <c>content.image_url</c>.</remarks>
public sealed record MessageImageUrl : WireObject
{
    /// <summary>The address, as text: it is kept, never followed.</summary>
    public required string Url { get; init; }

    /// <summary>How closely the model looks: <c>auto</c>, <c>low</c> or <c>high</c>.</summary>
    [JsonConverter(typeof(OptionalConverter<string?>))]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public Optional<string?> Detail { get; init; }
}

internal sealed class MessageContentConverter : WireUnionConverter<MessageContent>
{
    protected override MessageContent? ReadKnown(ref Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.String => new MessageText(WireTextConverter.ReadText(ref reader)),
        JsonTokenType.StartArray => ReadParts(ref reader),
        _ => null,
    };

    protected override MessageContent Keep(JsonElement raw) => new MessageContentUnknown(raw);

    private static MessageParts ReadParts(ref Utf8JsonReader reader)
    {
        var parts = WireConverting.ReadInner(ref reader, WireJsonContext.Default.IReadOnlyListMessageContentPart);
        WireConverting.RejectNulls(parts, "content");
        return new(parts);
    }
}
