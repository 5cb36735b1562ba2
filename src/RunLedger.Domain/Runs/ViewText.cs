using System.Buffers;
using System.Text.Json;
using RunLedger.Domain.Json;

namespace RunLedger.Domain.Runs;

/// <summary>
/// Text for views, which stand in columns that cannot hold U+0000 or lone surrogates: these become U+FFFD there. The snapshot itself
/// keeps them.
/// </summary>
internal static class ViewText
{
    /// <summary>A string as a column can hold it.</summary>
    public static string? Of(string? text)
    {
        if (text is null || text.AsSpan().IndexOfAny(Unholdable) < 0) return text;
        var units = text.ToCharArray();
        for (var i = 0; i < units.Length; i++)
        {
            var paired = char.IsHighSurrogate(units[i]) && i + 1 < units.Length && char.IsLowSurrogate(units[i + 1]);
            if (paired) i++;
            else if (units[i] == '\0' || char.IsSurrogate(units[i])) units[i] = '\uFFFD';
        }
        return new string(units);
    }

    /// <summary>A metadata object as a <c>jsonb</c> column can hold it; values that cannot stand there as they are become strings.</summary>
    public static JsonText? OfMetadata(JsonText? metadata)
    {
        if (metadata is not { Kind: JsonValueKind.Object } json) return null;
        return CanonicalJson.IsBeyondJsonb(json) ? Rewritten(CanonicalJson.Of(json)) : json;
    }

    private static readonly SearchValues<char> Unholdable =
        SearchValues.Create([.. Enumerable.Range(0xD800, 0x800).Select(unit => (char)unit), '\0']);

    private static JsonText Rewritten(byte[] canonical)
    {
        var output = new ArrayBufferWriter<byte>(canonical.Length);
        using var writer = new Utf8JsonWriter(output);
        writer.WriteStartObject();
        var reader = new Utf8JsonReader(canonical, JsonText.ReaderOptions);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            writer.WritePropertyName(Of(JsonText.Unescape(reader.ValueSpan))!);
            reader.Read();
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            var value = new JsonText(canonical.AsMemory(start..(int)reader.BytesConsumed));
            writer.WriteStringValue(Of(value.AsString() ?? value.ToString()));
        }
        writer.WriteEndObject();
        writer.Flush();
        return new JsonText(output.WrittenMemory);
    }
}
