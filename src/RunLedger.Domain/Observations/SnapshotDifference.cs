using System.Text.Json;
using RunLedger.Domain.Json;
using RunLedger.Domain.Runs;

namespace RunLedger.Domain.Observations;

/// <summary>
/// Reads a snapshot by what differs from one that was read before. Bytes that are the same mean the same and need no second reading: of a poll
/// that shows a new status a few fields are parsed, and of one that shows nothing new none.
/// </summary>
internal ref struct SnapshotDifference
{
    private const int MostFields = 64;

    // A field's value stands one level below the snapshot.
    private static readonly JsonReaderOptions ValueOptions = JsonText.ReaderOptions with { MaxDepth = JsonText.MaxDepth - 1 };

    private readonly ReadOnlySpan<byte> _text;
    private readonly ReadOnlySpan<byte> _known;
    private readonly Snapshot _like;
    private FieldPlace[]? _places;
    private ulong _changed;

    private SnapshotDifference(ReadOnlySpan<byte> text, Snapshot like)
    {
        _text = text;
        _like = like;
        _known = like.Json.Utf8.Span;
    }

    /// <summary>Reads the snapshot that a text begins with.</summary>
    /// <param name="utf8">Valid UTF-8.</param>
    /// <param name="like">A snapshot that it is likely to resemble.</param>
    /// <param name="length">The length of the snapshot's text in bytes.</param>
    /// <returns>The snapshot; null if it is not laid out like the other, or may have a defect: then all of it must be read.</returns>
    public static Snapshot? Read(ReadOnlyMemory<byte> utf8, Snapshot like, out int length)
    {
        length = like.Json.Utf8.Length;
        if (utf8.Span.StartsWith(like.Json.Utf8.Span)) return like;
        var difference = new SnapshotDifference(utf8.Span, like);
        length = difference.Find();
        return length < 0 ? null : difference.Make(new JsonText(utf8[..length]));
    }

    // Walks both texts field by field, from one difference to the next.
    private int Find()
    {
        var places = _like.Places;
        if (places.Length is 0 or > MostFields || !_text.StartsWith(_known[..places[0].Name])) return -1;
        _places = new FieldPlace[places.Length];
        var (place, at) = (0, places[0].Name);
        while (place < places.Length)
        {
            var moved = at - places[place].Name;
            var same = places[place].Name + _text[at..].CommonPrefixLength(_known[places[place].Name..]);
            for (; place < places.Length && NextAfter(place) <= same; place++) _places[place] = places[place].MovedBy(moved);
            if (place == places.Length) return _known.Length + moved;

            at = Changed(place, places[place].Name + moved, same + moved);
            if (at < 0) return -1;
            place++;
        }
        return at;
    }

    /// <summary>Reads a field whose value differs, and gives the offset at which the next one begins.</summary>
    private int Changed(int place, int name, int same)
    {
        var known = _like.Places[place];
        var start = name + known.Start - known.Name;
        if (same < start) return -1;
        var end = EndOfValue(start);
        var between = _known[known.End..NextAfter(place)];
        if (end < 0 || !_text[end..].StartsWith(between)) return -1;
        _places![place] = new FieldPlace(name, start, end);
        _changed |= 1UL << place;
        return end + between.Length;
    }

    private int NextAfter(int place) => place + 1 < _like.Places.Length ? _like.Places[place + 1].Name : _known.Length;

    private int EndOfValue(int start)
    {
        try
        {
            var reader = new Utf8JsonReader(_text[start..], ValueOptions);
            if (!reader.Read() || reader.TokenStartIndex > 0) return -1;
            reader.Skip();
            return reader.TokenType is JsonTokenType.EndObject or JsonTokenType.EndArray or >= JsonTokenType.String ? start + (int)reader.BytesConsumed : -1;
        }
        catch (JsonException)
        {
            return -1; // Reading all of it will say what is wrong, and where.
        }
    }

    private Snapshot? Make(JsonText json)
    {
        var shape = _like.Shape;
        var values = new FieldValue[shape.Count];
        for (var index = 0; index < values.Length; index++)
        {
            var place = shape.PlaceOf(index);
            if ((_changed & 1UL << place) == 0)
            {
                values[index] = _like.ValueAt(index);
                continue;
            }
            var text = new JsonText(json.Utf8[_places![place].Start.._places[place].End]);
            if (!SnapshotRules.Allow(shape.NameAt(place), text, _like.Kind)) return null;
            values[index] = SnapshotFields.Kept(shape.NameAt(place), text);
        }
        return new Snapshot(json, shape, _places!, values, _like);
    }
}
