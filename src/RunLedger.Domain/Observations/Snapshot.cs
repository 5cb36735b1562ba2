using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Unicode;
using RunLedger.Domain.Json;
using RunLedger.Domain.Runs;

namespace RunLedger.Domain.Observations;

/// <summary>
/// One run as an API showed it at some moment: the exact JSON, its top-level fields, and the few of them that identify it. All
/// else is read from the fields when it is needed, so that what nobody knows yet is kept as faithfully as what everybody knows.
/// </summary>
public sealed class Snapshot
{
    [ThreadStatic]
    private static (List<string> Names, List<FieldPlace> Places)? _scratch;

    private readonly SnapshotShape _shape;
    private readonly FieldPlace[] _places;
    private readonly FieldValue[] _values;
    private string? _status;

    /// <summary>Takes a text that has been found to have no defect.</summary>
    /// <param name="json">The text.</param>
    /// <param name="shape">Which fields it has.</param>
    /// <param name="places">Where they stand in the text.</param>
    /// <param name="values">Their values, in the order of their names.</param>
    /// <param name="like">A snapshot of the same kind with some of these very values; null if there is none.</param>
    internal Snapshot(JsonText json, SnapshotShape shape, FieldPlace[] places, FieldValue[] values, Snapshot? like = null)
    {
        Json = json;
        _shape = shape;
        _places = places;
        _values = values;
        var id = shape.IndexOf("id");
        Id = like is not null && ReferenceEquals(values[id], like._values[id]) ? like.Id : new RunId(TextAt(id).AsString()!);
        Kind = like?.Kind ?? RunKinds.Parse(this["object"]!.Value.AsString())!.Value;
        Digest = DigestOf(shape, values);
    }

    private Snapshot(JsonText json, Snapshot same)
    {
        Json = json;
        _shape = same._shape;
        _places = same._places;
        _values = same._values;
        Id = same.Id;
        Kind = same.Kind;
        Digest = same.Digest;
    }

    /// <summary>The exact text that was observed.</summary>
    public JsonText Json { get; }

    /// <summary>The run's id.</summary>
    public RunId Id { get; }

    /// <summary>Which API's object this is.</summary>
    public RunKind Kind { get; }

    /// <summary>The run's status, in the API's words.</summary>
    public string Status => _status ??= this["status"]!.Value.AsString()!;

    /// <summary>The names of the top-level fields in ordinal order, each once.</summary>
    public ReadOnlySpan<string> Names => _shape.Names;

    /// <summary>The digest of the snapshot's canonical form: equal for any two texts that are deep-equal as JSON.</summary>
    public Digest Digest { get; }

    /// <summary>The value of a field; null if it is absent.</summary>
    public JsonText? this[string name] => _shape.IndexOf(name) is >= 0 and var index ? TextAt(index) : null;

    internal SnapshotShape Shape => _shape;

    /// <summary>The fields' places in the text, in the order in which they stand there.</summary>
    internal ReadOnlySpan<FieldPlace> Places => _places;

    /// <summary>The exact text of the value of the field at <paramref name="index"/> in the order of <see cref="Names"/>.</summary>
    public JsonText TextAt(int index) => _places[_shape.PlaceOf(index)] is var place ? new JsonText(Json.Utf8[place.Start..place.End]) : default;

    /// <summary>Reads one snapshot, and says what is wrong where it is none.</summary>
    /// <param name="utf8">The JSON text; kept, not copied.</param>
    /// <param name="recent">The snapshots read last, of which only the difference is read; null to read all of it.</param>
    public static Checked<Snapshot> Read(ReadOnlyMemory<byte> utf8, RecentSnapshots? recent = null)
    {
        if (!Utf8.IsValid(utf8.Span)) return new Defect("", "is not valid UTF-8");
        if (recent?.ReadFirst(utf8, out var length) is { } read && length == utf8.Length) return read;
        var whole = ReadWhole(utf8);
        if (whole.Value is { } snapshot) recent?.Keep(snapshot);
        return whole;
    }

    /// <summary>The value that events keep of the field at <paramref name="index"/> in the order of <see cref="Names"/>.</summary>
    internal FieldValue ValueAt(int index) => _values[index];

    /// <summary>The same snapshot in memory of its own, where its text is a small part of something larger.</summary>
    internal Snapshot InOwnMemory() =>
        MemoryMarshal.TryGetArray(Json.Utf8, out var array) && array.Array!.Length <= 2 * array.Count ? this : new Snapshot(new JsonText(Json.Utf8.ToArray()), this);

    private static Checked<Snapshot> ReadWhole(ReadOnlyMemory<byte> utf8)
    {
        try
        {
            var (names, places) = _scratch ??= (new List<string>(64), new List<FieldPlace>(64));
            if (!ReadFields(utf8.Span, names, places)) return new Defect("", "is not a JSON object");
            if (utf8.Length > CanonicalJson.LargestKept) _scratch = null;
            var (json, shape, placed) = (new JsonText(utf8), SnapshotShape.Of(CollectionsMarshal.AsSpan(names)), places.ToArray());
            return SnapshotRules.Check(json, shape, placed) is { } defect ? defect : new Snapshot(json, shape, placed, ValuesOf(json, shape, placed));
        }
        catch (JsonException)
        {
            return Defect.OfUnreadable(utf8.Span);
        }
    }

    private static FieldValue[] ValuesOf(JsonText json, SnapshotShape shape, FieldPlace[] places)
    {
        var values = new FieldValue[shape.Count];
        for (var i = 0; i < values.Length; i++)
        {
            var (_, start, end) = places[shape.PlaceOf(i)];
            values[i] = SnapshotFields.Kept(shape.Names[i], new JsonText(json.Utf8[start..end]));
        }
        return values;
    }

    private static Digest DigestOf(SnapshotShape shape, FieldValue[] values)
    {
        var writer = CanonicalJson.OfThisThread();
        for (var i = 0; i < values.Length; i++)
        {
            writer.Put(shape.CanonicalNameOf(i));
            writer.Put(values[i].Canonical);
        }
        writer.Put("}"u8);
        return Digest.Of(writer.Written);
    }

    private static bool ReadFields(ReadOnlySpan<byte> utf8, List<string> names, List<FieldPlace> places)
    {
        names.Clear();
        places.Clear();
        var reader = new Utf8JsonReader(utf8, JsonText.ReaderOptions);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            reader.Read();
            return false;
        }
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = (int)reader.TokenStartIndex;
            names.Add(FieldNames.Read(reader.ValueSpan, reader.ValueIsEscaped));
            reader.Read();
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            places.Add(new FieldPlace(name, start, (int)reader.BytesConsumed));
        }
        reader.Read();
        return true;
    }
}
