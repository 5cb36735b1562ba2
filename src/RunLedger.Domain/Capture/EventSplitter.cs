using System.Buffers;

namespace RunLedger.Domain.Capture;

/// <summary>
/// Splits a stream of server-sent events while it comes, in pieces of any size, into what <see cref="ServerSentEvents.DataOf"/> gives of the whole. No more
/// than one event is held.
/// </summary>
/// <param name="largest">The most bytes of an event to hold; larger ones are passed over.</param>
public sealed class EventSplitter(int largest)
{
    private const int KeptCapacity = 64 * 1024;

    private ArrayBufferWriter<byte> _line = new();
    private ArrayBufferWriter<byte> _data = new();
    private bool _hasBegun, _lineHasBegun, _hasData, _endedWithReturn, _isPassedOver;

    /// <summary>The number of events that had data so far, the passed over ones among them.</summary>
    public int Number { get; private set; }

    /// <summary>The number of events that were passed over.</summary>
    public int PassedOver { get; private set; }

    /// <summary>How many bytes are held of the event in progress.</summary>
    public int Held => _line.WrittenCount + _data.WrittenCount;

    /// <summary>Passes over the event in progress, because there is no room to hold it.</summary>
    public void PassOver()
    {
        _isPassedOver = true;
        _line = Emptied(_line);
        _data = Emptied(_data);
    }

    /// <summary>Takes text up to the end of the next event.</summary>
    /// <param name="text">The stream's next piece; what stands behind the event's end is left.</param>
    /// <param name="data">The event's data, valid until the next call.</param>
    /// <returns>Whether an event has ended; if not, all of the text is taken.</returns>
    public bool TryTake(ref ReadOnlySpan<byte> text, out ReadOnlyMemory<byte> data)
    {
        while (TryTakeLine(ref text, out var line))
        {
            if (line.IsEmpty && !_lineHasBegun)
            {
                _hasBegun = true;
                if (TryEnd(out data)) return true;
                continue;
            }
            _lineHasBegun = false;
            AddLine(line);
            _line = Emptied(_line);
        }
        data = default;
        return false;
    }

    /// <summary>Takes what the stream ends with: a last event needs no blank line after it.</summary>
    /// <param name="data">The event's data, valid until the next call.</param>
    /// <returns>Whether there is such an event.</returns>
    public bool TryTakeLast(out ReadOnlyMemory<byte> data)
    {
        if (_lineHasBegun) AddLine(_line.WrittenSpan);
        _lineHasBegun = false;
        _line = Emptied(_line);
        return TryEnd(out data);
    }

    private bool TryEnd(out ReadOnlyMemory<byte> data)
    {
        var (isWhole, wasPassedOver) = (_hasData && !_isPassedOver, _isPassedOver);
        if (_hasData || wasPassedOver) Number++;
        if (wasPassedOver) PassedOver++;
        data = isWhole ? _data.WrittenMemory : default;
        _data = Emptied(_data);
        _hasData = _isPassedOver = false;
        return isWhole;
    }

    // Gives a line when its end is there, without it: a line ends with CR LF, LF or CR.
    private bool TryTakeLine(ref ReadOnlySpan<byte> text, out ReadOnlySpan<byte> line)
    {
        if (_endedWithReturn && !text.IsEmpty)
        {
            if (text[0] == (byte)'\n') text = text[1..];
            _endedWithReturn = false;
        }
        var length = text.IndexOfAny((byte)'\r', (byte)'\n');
        if (length < 0 || _lineHasBegun) Hold(length < 0 ? text : text[..length]);
        line = length < 0 ? default : _lineHasBegun ? _line.WrittenSpan : text[..length];
        if (length < 0)
        {
            text = default;
            return false;
        }
        _endedWithReturn = text[length] == (byte)'\r';
        text = text[(length + 1)..];
        return true;
    }

    private void Hold(ReadOnlySpan<byte> ofLine)
    {
        if (ofLine.IsEmpty) return;
        _lineHasBegun = true;
        if (HasRoom(Held + ofLine.Length - "data: ".Length)) _line.Write(ofLine);
    }

    private void AddLine(ReadOnlySpan<byte> line)
    {
        if (!_hasBegun && line.StartsWith("\uFEFF"u8)) line = line[3..];
        _hasBegun = true;
        if (ServerSentEvents.StartOfData(line) is not { } start || !HasRoom(_data.WrittenCount + (_hasData ? 1 : 0) + line.Length - start)) return;
        if (_hasData) _data.Write("\n"u8);
        _data.Write(line[start..]);
        _hasData = true;
    }

    private bool HasRoom(int bytes)
    {
        if (bytes > largest) PassOver();
        return !_isPassedOver;
    }

    // What a large event took is not kept for the small ones after it.
    private static ArrayBufferWriter<byte> Emptied(ArrayBufferWriter<byte> writer)
    {
        if (writer.Capacity > KeptCapacity) return new ArrayBufferWriter<byte>();
        writer.ResetWrittenCount();
        return writer;
    }
}
