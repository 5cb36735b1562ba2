using System.Text.Json;
using System.Text.Json.Serialization;

namespace RunLedger.Domain.Wire;

/// <summary>
/// Reads token counts and Unix timestamps. JSON has one kind of number, and services write whole ones with a fraction at times
/// (<c>1741476542.0</c> in the Responses API's own examples) or with an exponent: they are taken by value.
/// </summary>
public sealed class WholeNumberConverter : JsonConverter<long>
{
    /// <inheritdoc/>
    public override long Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.Number)
            throw new JsonException($"Expected a whole number, found {reader.TokenType}.");
        if (reader.TryGetInt64(out long whole))
            return whole;
        if (reader.TryGetDecimal(out decimal number) && decimal.IsInteger(number) && number is >= long.MinValue and <= long.MaxValue)
            return (long)number;
        throw new JsonException("Expected a whole number of at most 64 bits.");
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, long value, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteNumberValue(value);
    }
}
