using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace RunLedger.Domain.Wire;

/// <summary>What converters share.</summary>
internal static class WireConverting
{
    /// <summary>The value of an object's <c>type</c> field; null where there is no object, no such field or no string in it.</summary>
    /// <param name="reader">A copy: the caller's reader does not move.</param>
    public static string? PeekType(Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
            return null;

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool isType = reader.ValueTextEquals("type"u8);
            reader.Read();
            if (isType)
                return reader.TokenType == JsonTokenType.String ? WireTextConverter.ReadText(ref reader) : null;
            reader.TrySkip();
        }

        return null;
    }

    /// <summary>The value of an element's <c>type</c> field; empty where there is no object, no such field or no string in it.</summary>
    public static string TypeOf(JsonElement element)
    {
        var reader = new Utf8JsonReader(JsonMarshal.GetRawUtf8Value(element), new JsonReaderOptions { MaxDepth = WireJson.MaxDepth });
        reader.Read();
        return PeekType(reader) ?? string.Empty;
    }

    /// <summary>
    /// Reads a value inside another. An error names its place within the inner value, and leaves it to the outer reading to add
    /// where that value stands.
    /// </summary>
    /// <exception cref="JsonException">The value is not what <paramref name="typeInfo"/> describes.</exception>
    public static T ReadInner<T>(ref Utf8JsonReader reader, JsonTypeInfo<T> typeInfo)
    {
        try
        {
            return JsonSerializer.Deserialize(ref reader, typeInfo)!;
        }
        catch (JsonException error)
        {
            throw new JsonException(error.Path is null or "$" ? error.Message : $"{error.Path}: {error.Message}", error);
        }
    }

    /// <summary>Refuses a list with a null in it, which the framework's null checks do not look into.</summary>
    /// <exception cref="JsonException">An element is null.</exception>
    public static void RejectNulls<T>(IReadOnlyList<T>? list, string field)
        where T : class
    {
        for (int i = 0; i < list?.Count; i++)
        {
            if (list[i] is null)
                throw new JsonException($"{field}[{i}] is null.");
        }
    }
}
