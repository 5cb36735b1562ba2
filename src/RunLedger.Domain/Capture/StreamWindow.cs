namespace RunLedger.Domain.Capture;

/// <summary>The part of a stream that is in memory: from the item in progress to what was read last.</summary>
internal sealed class StreamWindow(Stream stream)
{
    private byte[] _buffer = new byte[256 * 1024];
    private int _from, _to;

    /// <summary>The bytes that are in memory.</summary>
    public ReadOnlySpan<byte> Bytes => _buffer.AsSpan(_from, _to - _from);

    /// <summary>The offset of the first of them in the stream.</summary>
    public long Offset { get; private set; }

    /// <summary>Whether nothing comes after them.</summary>
    public bool Ended { get; private set; }

    /// <summary>A copy of the bytes between two offsets in the stream.</summary>
    public byte[] Copy(long start, long end) => Bytes[(int)(start - Offset)..(int)(end - Offset)].ToArray();

    /// <summary>Forgets what stands before an offset, and reads on.</summary>
    public async ValueTask ReadOnAsync(long keep, CancellationToken cancellation)
    {
        _from += (int)(keep - Offset);
        Offset = keep;
        if (_from == _to) _from = _to = 0;
        if (_to == _buffer.Length) MakeRoom();
        var read = await stream.ReadAsync(_buffer.AsMemory(_to), cancellation);
        _to += read;
        Ended = read == 0;
    }

    // Doubling while more than half is in use keeps the bytes moved below the bytes read.
    private void MakeRoom()
    {
        var kept = Bytes;
        var buffer = kept.Length > _buffer.Length / 2 ? new byte[(int)Math.Min(_buffer.Length * 2L, Array.MaxLength)] : _buffer;
        kept.CopyTo(buffer);
        (_buffer, _from, _to) = (buffer, 0, kept.Length);
    }
}
