using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace RunLedger.Domain.Wire;

/// <summary>
/// A field that may be absent, null or a value, where the three must stay apart: in the objects that requests and runs share, the API
/// leaves out and nulls the same fields from one document to the next.
/// </summary>
/// <typeparam name="T">The type of the value; a nullable one where null is allowed.</typeparam>
/// <param name="Value">The value; the default of <typeparamref name="T"/> when the field is absent.</param>
public readonly record struct Optional<T>(T Value)
{
    /// <summary>Whether the document has the field, be it null.</summary>
    public bool IsGiven { get; } = true;

    /// <summary>Takes a value for a field that is present.</summary>
    /// <param name="value">The value of the field.</param>
    public static implicit operator Optional<T>(T value) => new(value);

    /// <inheritdoc/>
    public override string ToString() => IsGiven ? $"{Value}" : "absent";
}

/// <summary>
/// Reads a field that is present into an <see cref="Optional{T}"/>. The absent one is neither read nor written: its property carries
/// <see cref="JsonIgnoreCondition.WhenWritingDefault"/>.
/// </summary>
/// <typeparam name="T">The type of the value.</typeparam>
public sealed class OptionalConverter<T> : JsonConverter<Optional<T>>
{
    private static JsonTypeInfo<T> Inner => (JsonTypeInfo<T>)WireJsonContext.Default.Options.GetTypeInfo(typeof(T));

    /// <inheritdoc/>
    public override bool HandleNull => true;

    /// <inheritdoc/>
    public override Optional<T> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.Null ? ReadNull() : new(WireConverting.ReadInner(ref reader, Inner));

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, Optional<T> value, JsonSerializerOptions options) =>
        JsonSerializer.Serialize(writer, value.Value, Inner);

    private static Optional<T> ReadNull() =>
        default(T) is null ? new(default(T)!) : throw new JsonException("Expected a value, found null.");
}
