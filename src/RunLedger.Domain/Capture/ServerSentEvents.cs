using System.Buffers;

namespace RunLedger.Domain.Capture;

/// <summary>Server-sent events, read as the HTML standard's section 9.2.6 has it, except that a last event needs no blank line after it.</summary>
public static class ServerSentEvents
{
    /// <summary>Whether a text begins as only streams do: after empty lines, with a field of theirs or a comment.</summary>
    /// <param name="text">The text, UTF-8, with or without a byte order mark.</param>
    public static bool Begin(ReadOnlySpan<byte> text)
    {
        if (text.StartsWith("\uFEFF"u8)) text = text[3..];
        text = text.TrimStart("\r\n"u8);
        return text.StartsWith("data:"u8) || text.StartsWith("event:"u8) || text.StartsWith("id:"u8) || text.StartsWith("retry:"u8) || text.StartsWith(":"u8);
    }

    /// <summary>The data of every event that has any, in order: slices of the text, or memory of its own where data goes over lines.</summary>
    /// <param name="text">The stream's text, UTF-8, with or without a byte order mark.</param>
    public static IEnumerable<ReadOnlyMemory<byte>> DataOf(ReadOnlyMemory<byte> text)
    {
        if (text.Span.StartsWith("\uFEFF"u8)) text = text[3..];
        var data = new EventData();
        while (!text.IsEmpty)
        {
            var line = TakeLine(ref text);
            if (line.IsEmpty)
            {
                if (data.Take() is { } whole) yield return whole;
            }
            else if (StartOfData(line.Span) is { } start) data.Add(line[start..]);
        }
        if (data.Take() is { } last) yield return last;
    }

    // A line ends with CR LF, LF or CR.
    private static ReadOnlyMemory<byte> TakeLine(ref ReadOnlyMemory<byte> text)
    {
        var span = text.Span;
        var length = span.IndexOfAny((byte)'\r', (byte)'\n');
        if (length < 0) length = span.Length;
        var line = text[..length];
        var end = span[length..].StartsWith("\r\n"u8) ? 2 : Math.Min(1, span.Length - length);
        text = text[(length + end)..];
        return line;
    }

    /// <summary>Where in a line the value of its field <c>data</c> begins; null if the line is of another field.</summary>
    internal static int? StartOfData(ReadOnlySpan<byte> line)
    {
        if (line.SequenceEqual("data"u8)) return line.Length;
        if (!line.StartsWith("data:"u8)) return null;
        return line.StartsWith("data: "u8) ? 6 : 5;
    }

    /// <summary>The data of one event: its only line as it stands in the text, or its lines joined by newlines.</summary>
    private sealed class EventData
    {
        private readonly ArrayBufferWriter<byte> _joined = new();
        private ReadOnlyMemory<byte>? _only;

        public void Add(ReadOnlyMemory<byte> line)
        {
            if (_only is null)
            {
                _only = line;
                return;
            }
            if (_joined.WrittenCount == 0) _joined.Write(_only.Value.Span);
            _joined.Write("\n"u8);
            _joined.Write(line.Span);
        }

        public ReadOnlyMemory<byte>? Take()
        {
            ReadOnlyMemory<byte>? data = _joined.WrittenCount > 0 ? _joined.WrittenSpan.ToArray() : _only;
            _joined.ResetWrittenCount();
            _only = null;
            return data;
        }
    }
}
