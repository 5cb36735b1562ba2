using System.Text.Json;
using System.Text.Json.Serialization;

namespace RunLedger.Domain.Wire;

/// <summary>
/// One of the API's names for a status, a code, a reason or a type. The set is open: the API may add names at any time, and a name
/// that is not known here is a value like any other.
/// </summary>
/// <typeparam name="TSelf">The implementing type.</typeparam>
public interface IWireName<TSelf>
    where TSelf : struct, IWireName<TSelf>
{
    /// <summary>The name as it stands on the wire; empty for the default value, which no document contains.</summary>
    string Value { get; }

    /// <summary>Whether the API reference names this value.</summary>
    bool IsKnown { get; }

    /// <summary>Takes a name from the wire, known or not.</summary>
    /// <param name="value">The name.</param>
    static abstract TSelf From(string value);
}

/// <summary>Reads and writes every <see cref="IWireName{TSelf}"/> as the JSON string that it is.</summary>
/// <typeparam name="TName">The kind of name.</typeparam>
public sealed class WireNameConverter<TName> : JsonConverter<TName>
    where TName : struct, IWireName<TName>
{
    /// <inheritdoc/>
    public override TName Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String
            ? TName.From(WireTextConverter.ReadText(ref reader))
            : throw new JsonException($"Expected a string, found {reader.TokenType}.");

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, TName value, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(writer);
        WireTextConverter.WriteText(writer, value.Value);
    }
}
