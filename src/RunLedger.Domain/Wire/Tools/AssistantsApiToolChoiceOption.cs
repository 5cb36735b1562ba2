using System.Text.Json;
using System.Text.Json.Serialization;

namespace RunLedger.Domain.Wire;

/// <summary>
/// Which tools the model may or must call: a mode (<see cref="AssistantsApiToolChoiceMode"/>), a certain tool
/// (<see cref="AssistantsNamedToolChoice"/>), or a shape that is not known (<see cref="AssistantsApiToolChoiceUnknown"/>).
/// </summary>
/// <remarks>Source: Assistants API reference, "The run object", field <c>tool_choice</c>.</remarks>
[JsonConverter(typeof(AssistantsApiToolChoiceConverter))]
public abstract record AssistantsApiToolChoiceOption : IWireUnion
{
    private protected AssistantsApiToolChoiceOption()
    {
    }

    void IWireUnion.WriteTo(Utf8JsonWriter writer) => WriteTo(writer);

    private protected abstract void WriteTo(Utf8JsonWriter writer);
}

/// <summary>A mode of choice.</summary>
/// <param name="Value">The mode as it stands on the wire.</param>
public sealed record AssistantsApiToolChoiceMode(string Value) : AssistantsApiToolChoiceOption
{
    /// <summary><c>none</c>: no tool is called.</summary>
    public static AssistantsApiToolChoiceMode None { get; } = new("none");

    /// <summary><c>auto</c>: the model decides. The API's default.</summary>
    public static AssistantsApiToolChoiceMode Auto { get; } = new("auto");

    /// <summary><c>required</c>: at least one tool is called.</summary>
    public static AssistantsApiToolChoiceMode Required { get; } = new("required");

    /// <summary>Whether the API reference names this mode.</summary>
    public bool IsKnown => Value is "none" or "auto" or "required";

    private protected override void WriteTo(Utf8JsonWriter writer) => WireTextConverter.WriteText(writer, Value);
}

/// <summary>A certain tool that must be called.</summary>
public sealed record AssistantsNamedToolChoice : AssistantsApiToolChoiceOption
{
    /// <summary>The type of tool: <c>function</c>, <c>code_interpreter</c>, <c>file_search</c>, or one that is not known here.</summary>
    public required string Type { get; init; }

    /// <summary>The function, where the type is <c>function</c>.</summary>
    [JsonConverter(typeof(OptionalConverter<AssistantsNamedToolChoiceFunction?>))]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public Optional<AssistantsNamedToolChoiceFunction?> Function { get; init; }

    /// <summary>The fields that this type does not declare; null when there were none.</summary>
    [JsonInclude, JsonExtensionData]
    public IDictionary<string, JsonElement>? UnknownFields { get; internal set; }

    private protected override void WriteTo(Utf8JsonWriter writer) =>
        JsonSerializer.Serialize(writer, this, WireJsonContext.Default.AssistantsNamedToolChoice);
}

/// <summary>A choice in a shape that is not known here.</summary>
/// <param name="Raw">The choice as it was read.</param>
public sealed record AssistantsApiToolChoiceUnknown(JsonElement Raw) : AssistantsApiToolChoiceOption
{
    private protected override void WriteTo(Utf8JsonWriter writer) => RawJsonConverter.WriteRaw(writer, Raw);
}

/// <summary>The function that must be called.</summary>
/// <remarks>Source: Assistants API reference, "The run object", field <c>tool_choice.function</c>.</remarks>
public sealed record AssistantsNamedToolChoiceFunction : WireObject
{
    /// <summary>The name of the function.</summary>
    public required string Name { get; init; }
}

internal sealed class AssistantsApiToolChoiceConverter : WireUnionConverter<AssistantsApiToolChoiceOption>
{
    protected override AssistantsApiToolChoiceOption? ReadKnown(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.String)
            return new AssistantsApiToolChoiceMode(WireTextConverter.ReadText(ref reader));
        return WireConverting.PeekType(reader) is null
            ? null
            : WireConverting.ReadInner(ref reader, WireJsonContext.Default.AssistantsNamedToolChoice);
    }

    protected override AssistantsApiToolChoiceOption Keep(JsonElement raw) => new AssistantsApiToolChoiceUnknown(raw);
}
