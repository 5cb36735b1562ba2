using System.Text.Json;
using System.Text.Json.Serialization;

namespace RunLedger.Domain.Wire;

/// <summary>A message to add to a thread.</summary>
/// <remarks>Source: Assistants API reference, "Create message".</remarks>
public sealed record CreateMessageRequest : WireObject, IJsonOnDeserialized
{
    /// <summary>Who speaks.</summary>
    public required MessageRole Role { get; init; }

    /// <summary>What is said.</summary>
    public required MessageContent Content { get; init; }

    /// <summary>The files that come with the message, and the tools that may look into them.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<MessageAttachment>? Attachments { get; init; }

    /// <summary>Up to 16 pairs to attach to the message.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, JsonElement>? Metadata { get; init; }

    void IJsonOnDeserialized.OnDeserialized() => WireConverting.RejectNulls(Attachments, "attachments");
}

/// <summary>A file that comes with a message.</summary>
/// <remarks>Source: Assistants API reference, "Create message", field <c>attachments</c>.</remarks>
public sealed record MessageAttachment : WireObject
{
    /// <summary>The file.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? FileId { get; init; }

    /// <summary>The tools that the file is given to.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<AssistantTools>? Tools { get; init; }
}

/// <summary>Who speaks in a message.</summary>
/// <remarks>Source: Assistants API reference, "Create message", field <c>role</c>.</remarks>
[JsonConverter(typeof(WireNameConverter<MessageRole>))]
public readonly record struct MessageRole : IWireName<MessageRole>
{
    private readonly string? value;

    /// <summary>Takes a name as it stands on the wire, known or not.</summary>
    /// <param name="value">The name.</param>
    public MessageRole(string value) => this.value = string.IsNullOrEmpty(value) ? null : value;

    /// <summary><c>user</c>: A user.</summary>
    public static MessageRole User { get; } = new("user");

    /// <summary><c>assistant</c>: The assistant, in an earlier turn.</summary>
    public static MessageRole Assistant { get; } = new("assistant");

    /// <inheritdoc/>
    public string Value => value ?? string.Empty;

    /// <inheritdoc/>
    public bool IsKnown => value is "user" or "assistant";

    /// <inheritdoc/>
    public static MessageRole From(string value) => new(value);

    /// <summary>The name as it stands on the wire.</summary>
    public override string ToString() => Value;
}
