using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace RunLedger.Domain.Capture;

/// <summary>
/// What is kept of an item that is too large to be held, in its place: <c>{"too_large":{"bytes","offset","line","beginning"}}</c>. It says which item it was,
/// so that quarantine keeps each apart.
/// </summary>
public static class TooLarge
{
    /// <summary>How much of such an item's text is kept, in bytes.</summary>
    internal const int KeptBytes = 1024;

    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Whether this is what was kept of such an item, and not an item.</summary>
    public static bool IsNote(ReadOnlySpan<byte> item) => item.StartsWith("{\"too_large\":"u8);

    /// <summary>What is kept of an item.</summary>
    internal static byte[] NoteOf(FoundItem item, ReadOnlySpan<byte> beginning)
    {
        var output = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(output, Options))
        {
            writer.WriteStartObject();
            writer.WriteStartObject("too_large"u8);
            writer.WriteNumber("bytes"u8, item.End - item.Start);
            writer.WriteNumber("offset"u8, item.Start);
            writer.WriteNumber("line"u8, item.At.Line);
            writer.WriteString("beginning"u8, Encoding.UTF8.GetString(beginning));
            writer.WriteEndObject();
            writer.WriteEndObject();
        }
        return output.WrittenSpan.ToArray();
    }
}
