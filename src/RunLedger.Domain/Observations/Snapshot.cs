using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Unicode;
using RunLedger.Domain.Json;

namespace RunLedger.Domain.Observations;

/// <summary>
/// One run as an API showed it at some moment: the exact JSON, its top-level fields, and the few of them that identify it. All
/// else is read from the fields when it is needed, so that what nobody knows yet is kept as faithfully as what everybody knows.
/// </summary>
public sealed class Snapshot
{
    [ThreadStatic]
    private static List<SnapshotField>? _scratch;

    private readonly SnapshotField[] _fields;
    private CanonicalSnapshot? _canonical;
    private Digest? _textDigest;

    private Snapshot(JsonText json, SnapshotField[] fields, RunId id, RunKind kind)
    {
        Json = json;
        _fields = fields;
        Id = id;
        Kind = kind;
    }

    /// <summary>The exact text that was observed.</summary>
    public JsonText Json { get; }

    /// <summary>The run's id.</summary>
    public RunId Id { get; }

    /// <summary>Which API's object this is.</summary>
    public RunKind Kind { get; }

    /// <summary>The top-level fields in ordinal order of their names, each name once.</summary>
    public ReadOnlySpan<SnapshotField> Fields => _fields;

    /// <summary>The canonical form of the fields and the digest of it; made when first asked for.</summary>
    public CanonicalSnapshot Canonical => _canonical ??= CanonicalSnapshot.Of(_fields);

    /// <summary>The digest of the snapshot's meaning: equal for any two texts that are deep-equal as JSON.</summary>
    public Digest Digest => Canonical.Digest;

    /// <summary>The digest of the very text: what is the same text is the same snapshot, though the reverse does not hold.</summary>
    public Digest TextDigest => _textDigest ??= Digest.Of(Json.Utf8.Span);

    /// <summary>The value of a field; null if it is absent.</summary>
    public JsonText? this[string name]
    {
        get
        {
            var index = Array.BinarySearch(_fields, new SnapshotField(name, default));
            return index < 0 ? null : _fields[index].Value;
        }
    }

    /// <summary>Reads one snapshot, and says what is wrong where it is none.</summary>
    /// <param name="utf8">The JSON text; kept, not copied.</param>
    public static Checked<Snapshot> Read(ReadOnlyMemory<byte> utf8)
    {
        if (!Utf8.IsValid(utf8.Span)) return new Defect("", "is not valid UTF-8");
        try
        {
            var json = new JsonText(utf8);
            var fields = ReadFields(utf8);
            return fields is null ? new Defect("", "is not a JSON object") : SnapshotRules.Check(fields) is { } defect ? defect : Accept(json, fields);
        }
        catch (JsonException malformed)
        {
            return new Defect("", $"is not valid JSON at line {malformed.LineNumber + 1}, byte {malformed.BytePositionInLine + 1}");
        }
    }

    private static Snapshot Accept(JsonText json, SnapshotField[] fields)
    {
        var snapshot = new Snapshot(json, fields, default, default);
        return new Snapshot(json, fields, new RunId(snapshot["id"]!.Value.AsString()!), RunKinds.Parse(snapshot["object"]!.Value.AsString())!.Value);
    }

    private static SnapshotField[]? ReadFields(ReadOnlyMemory<byte> utf8)
    {
        var reader = new Utf8JsonReader(utf8.Span, JsonText.ReaderOptions);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            reader.Read();
            return null;
        }
        var fields = _scratch ??= new List<SnapshotField>(64);
        fields.Clear();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = FieldNames.Read(reader.ValueSpan, reader.ValueIsEscaped);
            reader.Read();
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            fields.Add(new SnapshotField(name, new JsonText(utf8[start..(int)reader.BytesConsumed])));
        }
        reader.Read();
        var sorted = FieldOrder.Sorted(CollectionsMarshal.AsSpan(fields));
        fields.Clear();
        return sorted;
    }
}

/// <summary>One top-level field of a snapshot.</summary>
/// <param name="Name">The field's name.</param>
/// <param name="Value">Its exact text.</param>
public readonly record struct SnapshotField(string Name, JsonText Value) : IComparable<SnapshotField>
{
    /// <summary>Orders fields by their names' UTF-16 units.</summary>
    public int CompareTo(SnapshotField other) => string.CompareOrdinal(Name, other.Name);

    /// <summary>Whether the left field sorts first.</summary>
    public static bool operator <(SnapshotField left, SnapshotField right) => left.CompareTo(right) < 0;

    /// <summary>Whether the left field sorts last.</summary>
    public static bool operator >(SnapshotField left, SnapshotField right) => left.CompareTo(right) > 0;

    /// <summary>Whether the left field does not sort last.</summary>
    public static bool operator <=(SnapshotField left, SnapshotField right) => left.CompareTo(right) <= 0;

    /// <summary>Whether the left field does not sort first.</summary>
    public static bool operator >=(SnapshotField left, SnapshotField right) => left.CompareTo(right) >= 0;
}
