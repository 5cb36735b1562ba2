using System.Buffers;
using System.Collections.Frozen;
using System.Collections.Immutable;
using RunLedger.Domain.Json;
using RunLedger.Domain.Observations;

namespace RunLedger.Domain.Runs;

/// <summary>The top-level fields of a snapshot as folded from events, in ordinal order of their names.</summary>
public sealed class SnapshotFields
{
    /// <summary>Fields that views are made of, or that are looked at whenever a run is decided on: they stay in the event whatever their size.</summary>
    private static readonly FrozenSet<string> AlwaysInline = FrozenSet.Create(StringComparer.Ordinal,
        "id", "object", "created_at", "thread_id", "assistant_id", "conversation", "status", "model", "metadata", "usage", "last_error", "error",
        "incomplete_details", "started_at", "expires_at", "cancelled_at", "failed_at", "completed_at");

    private readonly Field[] _fields;

    private SnapshotFields(Field[] fields) => _fields = fields;

    /// <summary>No fields.</summary>
    public static SnapshotFields Empty { get; } = new([]);

    /// <summary>The fields.</summary>
    public ReadOnlySpan<Field> All => _fields;

    /// <summary>The text of a field; null if it is absent, or large and its content not at hand.</summary>
    public JsonText? this[string name]
    {
        get
        {
            var index = IndexOf(name);
            return index < 0 ? null : _fields[index].Value.Text;
        }
    }

    /// <summary>Makes the value that events keep of an observed field.</summary>
    public static FieldValue Kept(string name, JsonText observed) => FieldValue.Of(observed, AlwaysInline.Contains(name));

    /// <summary>These fields with the changes made.</summary>
    public SnapshotFields With(FieldChanges changes)
    {
        if (changes.IsEmpty) return this;
        var merged = new Field[CountWith(changes)];
        var (i, j, count) = (0, 0, 0);
        while (i < _fields.Length || j < changes.Set.Length)
        {
            var order = i == _fields.Length ? 1 : j == changes.Set.Length ? -1 : Compare(_fields[i].Name, changes.Set[j].Name);
            if (order >= 0) merged[count++] = changes.Set[j++];
            else if (changes.Removed.BinarySearch(_fields[i].Name, StringComparer.Ordinal) < 0) merged[count++] = _fields[i];
            if (order <= 0) i++;
        }
        return new SnapshotFields(merged);
    }

    /// <summary>What has to change in these fields to become the snapshot's.</summary>
    public FieldChanges ChangesTo(Snapshot snapshot)
    {
        var set = ImmutableArray.CreateBuilder<Field>(_fields.Length == 0 ? snapshot.Names.Length : 6);
        List<string>? removed = null;
        var (i, j) = (0, 0);
        while (i < _fields.Length || j < snapshot.Names.Length)
        {
            var order = i == _fields.Length ? 1 : j == snapshot.Names.Length ? -1 : Compare(_fields[i].Name, snapshot.Names[j]);
            if (order < 0) (removed ??= []).Add(_fields[i].Name);
            else if (order > 0 || !_fields[i].Value.Means(snapshot.ValueAt(j))) set.Add(new Field(snapshot.Names[j], snapshot.ValueAt(j)));
            if (order <= 0) i++;
            if (order >= 0) j++;
        }
        return new FieldChanges(set.DrainToImmutable(), removed is null ? [] : [.. removed]);
    }

    /// <summary>The same fields with large contents forgotten, to be kept in memory.</summary>
    public SnapshotFields Light() =>
        Array.Exists(_fields, field => field.Value is FieldValue.Large { Content: not null })
            ? new(Array.ConvertAll(_fields, field => new Field(field.Name, field.Value.Light)))
            : this;

    /// <summary>The references to contents that are not at hand.</summary>
    public IEnumerable<ContentReference> Missing() =>
        _fields.Where(field => field.Value.Text is null).Select(field => ((FieldValue.Large)field.Value).Reference);

    /// <summary>Writes the snapshot as JSON, fields in the order in which the APIs write them, unknown ones last.</summary>
    /// <param name="contents">Gives the contents that are not at hand.</param>
    public JsonText ToJson(Func<ContentReference, JsonText> contents)
    {
        var output = new ArrayBufferWriter<byte>(1024);
        var separator = "{"u8;
        foreach (var field in _fields.OrderBy(field => FieldNames.Position(field.Name)))
        {
            output.Write(separator);
            output.Write(EventText.QuotedName(field.Name));
            output.Write(":"u8);
            output.Write((field.Value.Text ?? contents(((FieldValue.Large)field.Value).Reference)).Utf8.Span);
            separator = ","u8;
        }
        if (_fields.Length == 0) output.Write("{"u8);
        output.Write("}"u8);
        return new JsonText(output.WrittenSpan.ToArray());
    }

    private int CountWith(FieldChanges changes)
    {
        var count = _fields.Length;
        foreach (var field in changes.Set)
            if (IndexOf(field.Name) < 0) count++;
        foreach (var name in changes.Removed)
            if (IndexOf(name) >= 0) count--;
        return count;
    }

    // Names that are known are one object each.
    private static int Compare(string x, string y) => ReferenceEquals(x, y) ? 0 : string.CompareOrdinal(x, y);

    private int IndexOf(string name)
    {
        var (low, high) = (0, _fields.Length - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            var order = Compare(_fields[middle].Name, name);
            if (order == 0) return middle;
            if (order < 0) low = middle + 1;
            else high = middle - 1;
        }
        return -1;
    }
}
