using System.Text.Json;
using System.Text.Unicode;
using RunLedger.Domain.Json;

namespace RunLedger.Host.Polling;

/// <summary>Reads bodies that may be JSON.</summary>
internal static class JsonBody
{
    /// <summary>The JSON value that the text is; null if it is none.</summary>
    public static JsonText? Read(ReadOnlyMemory<byte> utf8)
    {
        if (!Utf8.IsValid(utf8.Span)) return null;
        try
        {
            var reader = new Utf8JsonReader(utf8.Span, JsonText.ReaderOptions);
            if (!reader.Read()) return null;
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            var end = (int)reader.BytesConsumed;
            return reader.Read() ? null : new JsonText(utf8[start..end]);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
