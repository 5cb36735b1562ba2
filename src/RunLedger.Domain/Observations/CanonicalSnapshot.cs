using RunLedger.Domain.Json;

namespace RunLedger.Domain.Observations;

/// <summary>The canonical form of a snapshot, and within it that of every field's value, in the order of the fields' names.</summary>
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

    internal static CanonicalSnapshot Of(Snapshot snapshot)
    {
        var writer = CanonicalJson.OfThisThread();
        var values = new ValueRange[snapshot.Names.Length];
        for (var i = 0; i < values.Length; i++)
        {
            writer.Put(i == 0 ? "{"u8 : ","u8);
            writer.WriteName(snapshot.Names[i]);
            values[i] = Write(snapshot.TextAt(i), writer);
        }
        writer.Put("}"u8);
        return new CanonicalSnapshot(writer.Written.ToArray(), values);
    }

    /// <summary>The canonical form of a snapshot that differs from this one's in a few values alone.</summary>
    /// <param name="json">The snapshot's text.</param>
    /// <param name="shape">Its fields, which are the same.</param>
    /// <param name="places">Where they stand in the text.</param>
    /// <param name="changed">The indexes of the fields whose values differ, ascending.</param>
    internal CanonicalSnapshot With(JsonText json, SnapshotShape shape, FieldPlace[] places, List<int> changed)
    {
        var writer = CanonicalJson.OfThisThread();
        var values = new ValueRange[_values.Length];
        var (copied, next) = (0, 0);
        foreach (var index in changed)
        {
            var moved = writer.Written.Length - copied;
            for (; next < index; next++) values[next] = _values[next].MovedBy(moved);
            writer.Put(_text.AsSpan(copied.._values[index].Start));
            var (_, start, end) = places[shape.PlaceOf(index)];
            values[index] = Write(new JsonText(json.Utf8[start..end]), writer);
            copied = _values[index].End;
            next = index + 1;
        }
        var movedLast = writer.Written.Length - copied;
        for (; next < values.Length; next++) values[next] = _values[next].MovedBy(movedLast);
        writer.Put(_text.AsSpan(copied..));
        return new CanonicalSnapshot(writer.Written.ToArray(), values);
    }

    private static ValueRange Write(JsonText value, CanonicalJson writer)
    {
        writer.BeyondJsonb = false;
        var start = writer.Written.Length;
        writer.Write(value);
        return new ValueRange(start, writer.Written.Length, writer.BeyondJsonb);
    }

    private readonly record struct ValueRange(int Start, int End, bool BeyondJsonb)
    {
        public ValueRange MovedBy(int bytes) => new(Start + bytes, End + bytes, BeyondJsonb);
    }
}
