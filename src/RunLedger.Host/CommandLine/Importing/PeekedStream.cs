namespace RunLedger.Host.CommandLine.Importing;

/// <summary>A stream whose first bytes have been looked at, and are read again.</summary>
internal sealed class PeekedStream : Stream
{
    private readonly Stream _rest;
    private ReadOnlyMemory<byte> _first;

    private PeekedStream(ReadOnlyMemory<byte> first, Stream rest)
    {
        First = first;
        _first = first;
        _rest = rest;
    }

    /// <summary>The first bytes: as many as were asked for, or all if there are fewer.</summary>
    public ReadOnlyMemory<byte> First { get; }

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => false;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Looks at the first bytes of a stream.</summary>
    public static async Task<PeekedStream> OpenAsync(Stream stream, int count, CancellationToken cancellationToken)
    {
        var first = new byte[count];
        var length = await stream.ReadAtLeastAsync(first, count, throwOnEndOfStream: false, cancellationToken).AsTask().WaitAsync(cancellationToken);
        return new PeekedStream(first.AsMemory(0, length), stream);
    }

    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        // A read of a terminal or a pipe does not end when it is cancelled; the wait for it does.
        if (_first.IsEmpty) return await _rest.ReadAsync(buffer, cancellationToken).AsTask().WaitAsync(cancellationToken);
        var length = Math.Min(buffer.Length, _first.Length);
        _first[..length].CopyTo(buffer);
        _first = _first[length..];
        return length;
    }

    /// <inheritdoc/>
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count)
    {
        if (_first.IsEmpty) return _rest.Read(buffer, offset, count);
        var length = Math.Min(count, _first.Length);
        _first[..length].CopyTo(buffer.AsMemory(offset));
        _first = _first[length..];
        return length;
    }

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing) _rest.Dispose();
        base.Dispose(disposing);
    }
}
