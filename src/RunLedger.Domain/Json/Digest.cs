using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;

namespace RunLedger.Domain.Json;

/// <summary>A SHA-256 digest: the identity of some content. Written as 43 characters of base64url (RFC 4648, section 5, no padding).</summary>
public readonly record struct Digest : IComparable<Digest>
{
    /// <summary>The number of bytes in a digest.</summary>
    public const int Size = 32;

    // The decoder would skip white space and padding.
    private const int TextLength = 43;

    private readonly ulong _a, _b, _c, _d;

    /// <summary>Takes the 32 bytes of a digest.</summary>
    /// <exception cref="ArgumentException"><paramref name="bytes"/> is not 32 bytes long.</exception>
    public Digest(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != Size) throw new ArgumentException($"A SHA-256 digest has {Size} bytes, not {bytes.Length}.", nameof(bytes));
        _a = BinaryPrimitives.ReadUInt64BigEndian(bytes);
        _b = BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]);
        _c = BinaryPrimitives.ReadUInt64BigEndian(bytes[16..]);
        _d = BinaryPrimitives.ReadUInt64BigEndian(bytes[24..]);
    }

    /// <summary>The SHA-256 of <paramref name="content"/>.</summary>
    public static Digest Of(ReadOnlySpan<byte> content)
    {
        Span<byte> hash = stackalloc byte[Size];
        SHA256.HashData(content, hash);
        return new Digest(hash);
    }

    /// <summary>Reads what <see cref="ToString"/> wrote.</summary>
    /// <exception cref="FormatException"><paramref name="text"/> is not 43 characters of base64url.</exception>
    public static Digest Parse(ReadOnlySpan<char> text)
    {
        Span<byte> bytes = stackalloc byte[Size + 1];
        return text.Length == TextLength && Base64Url.TryDecodeFromChars(text, bytes, out var written) && written == Size
            ? new Digest(bytes[..Size])
            : throw new FormatException($"'{text}' is not a SHA-256 digest in base64url.");
    }

    /// <summary>The 32 bytes.</summary>
    public byte[] ToArray()
    {
        var bytes = new byte[Size];
        CopyTo(bytes);
        return bytes;
    }

    /// <summary>Orders digests by their bytes.</summary>
    public int CompareTo(Digest other) =>
        _a != other._a ? _a.CompareTo(other._a)
        : _b != other._b ? _b.CompareTo(other._b)
        : _c != other._c ? _c.CompareTo(other._c)
        : _d.CompareTo(other._d);

    /// <inheritdoc/>
    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[Size];
        CopyTo(bytes);
        return Base64Url.EncodeToString(bytes);
    }

    /// <summary>Writes it as a property.</summary>
    internal void Write(Utf8JsonWriter writer, ReadOnlySpan<byte> name)
    {
        Span<byte> bytes = stackalloc byte[Size];
        Span<byte> text = stackalloc byte[TextLength];
        CopyTo(bytes);
        Base64Url.EncodeToUtf8(bytes, text, out _, out _);
        writer.WriteString(name, text);
    }

    /// <summary>Writes the 32 bytes.</summary>
    public void CopyTo(Span<byte> bytes)
    {
        BinaryPrimitives.WriteUInt64BigEndian(bytes, _a);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], _b);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[16..], _c);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[24..], _d);
    }

    /// <summary>Whether the left digest sorts first.</summary>
    public static bool operator <(Digest left, Digest right) => left.CompareTo(right) < 0;

    /// <summary>Whether the left digest sorts last.</summary>
    public static bool operator >(Digest left, Digest right) => left.CompareTo(right) > 0;

    /// <summary>Whether the left digest does not sort last.</summary>
    public static bool operator <=(Digest left, Digest right) => left.CompareTo(right) <= 0;

    /// <summary>Whether the left digest does not sort first.</summary>
    public static bool operator >=(Digest left, Digest right) => left.CompareTo(right) >= 0;
}
