using System.Buffers;
using RunLedger.Host.Api.Http;

namespace RunLedger.Host.Proxy.Copying;

/// <summary>A copy of a body, made while it passes. It takes room until it is disposed; where there is none, or the body is too large, it is given up.</summary>
/// <param name="coding">What the body's <c>Content-Encoding</c> says; empty for nothing.</param>
/// <param name="largest">The most bytes that it may have, compressed and decompressed.</param>
/// <param name="room">The room for all copies.</param>
internal sealed class BodyCopy(string coding, int largest, CopyRoom room) : IDisposable
{
    private readonly Lock _gate = new();
    private ArrayBufferWriter<byte>? _bytes = new();
    private bool _isWhole;

    /// <summary>Why there is no copy; null if there is one, or it is still being made.</summary>
    public MissReason? Missed { get; private set; }

    /// <summary>Adds what has passed.</summary>
    public void Add(ReadOnlySpan<byte> text)
    {
        lock (_gate)
        {
            if (_bytes is null) return;
            if (_bytes.WrittenCount + (long)text.Length > largest) GiveUp(MissReason.TooLarge);
            else if (!room.TryTake(text.Length)) GiveUp(MissReason.NoRoom);
            else _bytes.Write(text);
        }
    }

    /// <summary>Takes note that the body has passed whole.</summary>
    public void End()
    {
        lock (_gate) _isWhole = true;
    }

    /// <summary>The body, decompressed, in memory of its own.</summary>
    /// <param name="body">The body.</param>
    /// <returns>Why there is none; null if there is.</returns>
    public MissReason? Read(out ReadOnlyMemory<byte> body)
    {
        body = default;
        lock (_gate)
        {
            if (_bytes is null || !_isWhole) return Missed ?? MissReason.BrokenOff;
            if (coding is "" or "identity") body = _bytes.WrittenSpan.ToArray();
            else return Decompress(_bytes.WrittenMemory, out body);
            return null;
        }
    }

    /// <summary>Gives the room back.</summary>
    public void Dispose()
    {
        lock (_gate) GiveUp(Missed ?? MissReason.BrokenOff);
    }

    private void GiveUp(MissReason reason)
    {
        Missed = reason;
        room.GiveBack(_bytes?.WrittenCount ?? 0);
        _bytes = null;
    }

    private MissReason? Decompress(ReadOnlyMemory<byte> compressed, out ReadOnlyMemory<byte> body)
    {
        body = default;
        using var decompressed = ContentCodings.Decompress(new MemoryStream(compressed.ToArray()), coding);
        if (decompressed is null) return MissReason.Undecodable;
        var bytes = new ArrayBufferWriter<byte>();
        try
        {
            while (decompressed.Read(bytes.GetSpan(64 * 1024)) is > 0 and var read)
            {
                bytes.Advance(read);
                if (bytes.WrittenCount > largest) return MissReason.TooLarge;
            }
        }
        catch (Exception broken) when (ContentCodings.IsDefect(broken, decompressed))
        {
            return MissReason.Undecodable;
        }
        body = bytes.WrittenSpan.ToArray();
        return null;
    }
}
