using RunLedger.Domain.Json;

namespace RunLedger.Domain.Observations;

/// <summary>The canonical form of a snapshot, and within it that of every field's value, in the order of the snapshot's fields.</summary>
public sealed class CanonicalSnapshot
{
    private readonly byte[] _text;
    private readonly ValueRange[] _values;

    private CanonicalSnapshot(byte[] text, ValueRange[] values)
    {
        _text = text;
        _values = values;
        Digest = Digest.Of(text);
    }

    /// <summary>The SHA-256 of the whole canonical form.</summary>
    public Digest Digest { get; }

    /// <summary>The canonical form of the value of the field at <paramref name="index"/>.</summary>
    public ReadOnlySpan<byte> Value(int index) => _text.AsSpan(_values[index].Start.._values[index].End);

    /// <summary>Whether the value of the field at <paramref name="index"/> cannot stand in <c>jsonb</c> as it is.</summary>
    public bool BeyondJsonb(int index) => _values[index].BeyondJsonb;

    internal static CanonicalSnapshot Of(ReadOnlySpan<SnapshotField> fields)
    {
        var writer = CanonicalJson.OfThisThread();
        var values = new ValueRange[fields.Length];
        for (var i = 0; i < fields.Length; i++)
        {
            writer.Put(i == 0 ? "{"u8 : ","u8);
            writer.WriteName(fields[i].Name);
            writer.BeyondJsonb = false;
            var start = writer.Written.Length;
            writer.Write(fields[i].Value);
            values[i] = new ValueRange(start, writer.Written.Length, writer.BeyondJsonb);
        }
        writer.Put("}"u8);
        return new CanonicalSnapshot(writer.Written.ToArray(), values);
    }

    private readonly record struct ValueRange(int Start, int End, bool BeyondJsonb);
}
