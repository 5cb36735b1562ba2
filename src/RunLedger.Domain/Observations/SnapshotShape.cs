using System.Collections.Frozen;
using RunLedger.Domain.Json;

namespace RunLedger.Domain.Observations;

/// <summary>
/// Which fields a snapshot has, and in which order they stand in its text. An API writes all its objects alike, so that many snapshots share one
/// shape and nothing of it is worked out anew for each.
/// </summary>
internal sealed class SnapshotShape
{
    [ThreadStatic]
    private static SnapshotShape? _last;

    private readonly string[] _names;
    private readonly string[] _sorted;
    private readonly int[] _places;
    private readonly byte[][] _canonicalNames;
    private readonly FrozenDictionary<string, int> _indexes;

    private SnapshotShape(string[] names)
    {
        var last = new SortedDictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < names.Length; i++) last[names[i]] = i;
        _names = names;
        _sorted = [.. last.Keys];
        _places = [.. last.Values];
        _canonicalNames = [.. _sorted.Select((name, index) => CanonicalName(name, isFirst: index == 0))];
        _indexes = _sorted.Select((name, index) => KeyValuePair.Create(name, index)).ToFrozenDictionary(StringComparer.Ordinal);
    }

    /// <summary>How many different fields there are.</summary>
    public int Count => _sorted.Length;

    /// <summary>The fields' names in ordinal order, each once.</summary>
    public ReadOnlySpan<string> Names => _sorted;

    /// <summary>The name of the field that stands at a place in the text.</summary>
    public string NameAt(int place) => _names[place];

    /// <summary>What stands before the value of the field at <paramref name="index"/> in the snapshot's canonical form.</summary>
    public ReadOnlySpan<byte> CanonicalNameOf(int index) => _canonicalNames[index];

    /// <summary>The place in the text of the field at <paramref name="index"/> in ordinal order; of several with its name, of the last.</summary>
    public int PlaceOf(int index) => _places[index];

    /// <summary>The index of a field in ordinal order; -1 if there is none of that name.</summary>
    public int IndexOf(string name) => _indexes.TryGetValue(name, out var index) ? index : -1;

    /// <summary>The shape of a text whose fields stand in this order: the last one that was asked for on this thread, if it fits.</summary>
    public static SnapshotShape Of(ReadOnlySpan<string> names) => _last is { } last && last.Fits(names) ? last : Kept(new SnapshotShape(names.ToArray()));

    private static SnapshotShape Kept(SnapshotShape shape)
    {
        _last = shape._canonicalNames.Sum(name => (long)name.Length) <= CanonicalJson.LargestKept ? shape : null;
        return shape;
    }

    private static byte[] CanonicalName(string name, bool isFirst)
    {
        var writer = CanonicalJson.OfThisThread();
        writer.Put(isFirst ? "{"u8 : ","u8);
        writer.WriteName(name);
        return writer.Written.ToArray();
    }

    private bool Fits(ReadOnlySpan<string> names)
    {
        if (names.Length != _names.Length) return false;
        for (var i = 0; i < names.Length; i++)
            if (!ReferenceEquals(names[i], _names[i]) && names[i] != _names[i]) return false;
        return true;
    }
}

/// <summary>Where a field stands in a snapshot's text.</summary>
/// <param name="Name">The offset of its name's opening quote.</param>
/// <param name="Start">The offset of its value's first byte.</param>
/// <param name="End">The offset behind its value's last byte.</param>
internal readonly record struct FieldPlace(int Name, int Start, int End)
{
    /// <summary>The place in a text in which it stands further on.</summary>
    public FieldPlace MovedBy(int bytes) => new(Name + bytes, Start + bytes, End + bytes);
}
