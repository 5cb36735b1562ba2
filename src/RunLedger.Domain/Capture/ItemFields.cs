using System.Text;
using System.Text.Json;
using RunLedger.Domain.Json;
using RunLedger.Domain.Observations;

namespace RunLedger.Domain.Capture;

/// <summary>The top-level properties that tell what an item is, found in one pass that ends early at a run's or a response's <c>object</c>.</summary>
internal sealed class ItemFields
{
    // Values are passed over here, however deep; what is kept of them is read within its own limit, so that the field that is too deep can be named.
    private static readonly JsonReaderOptions Options = JsonText.ReaderOptions with { MaxDepth = int.MaxValue };

    private static readonly byte[][] Names = [.. Enum.GetValues<ItemField>().Select(field => Encoding.UTF8.GetBytes(NameOf(field)))];

    private readonly JsonText?[] _values = new JsonText?[Names.Length];

    private ItemFields()
    {
    }

    /// <summary>The value of a property, the last of several; null if it is absent.</summary>
    public JsonText? this[ItemField field] => _values[(int)field];

    /// <summary>The value of a property; null if it is absent or JSON's <c>null</c>.</summary>
    public JsonText? Given(ItemField field) => this[field] is { IsNull: false } value ? value : null;

    /// <summary>The name of the API's object that this is; null if it names none.</summary>
    public string? ObjectType => this[ItemField.Object]?.AsString();

    /// <summary>Whether this says that it is a run or a response. Only the fields up to there are known then.</summary>
    public bool IsRun => RunKinds.Parse(ObjectType) is not null;

    /// <summary>An envelope's snapshot, where it could be read by what differs from another; null if it has not been read yet.</summary>
    public Snapshot? Snapshot { get; private set; }

    /// <summary>Reads the properties of a JSON object.</summary>
    /// <param name="utf8">The object's text.</param>
    /// <param name="recent">The snapshots read last, of which an envelope's snapshot may be the next.</param>
    public static Checked<ItemFields> Read(ReadOnlyMemory<byte> utf8, RecentSnapshots? recent = null)
    {
        try
        {
            var reader = new Utf8JsonReader(utf8.Span, Options);
            reader.Read();
            if (reader.TokenType == JsonTokenType.StartObject) return Read(ref reader, utf8, recent);
            var kind = Describe(reader.TokenType);
            reader.Skip();
            reader.Read();
            return new Defect("", $"is {kind}, not a JSON object");
        }
        catch (JsonException)
        {
            return Defect.OfUnreadable(utf8.Span);
        }
    }

    /// <summary>The elements of a list object.</summary>
    /// <param name="most">The number of elements after which one more is read, but no others; null to read all.</param>
    public Checked<IReadOnlyList<JsonText>> ReadData(int? most = null)
    {
        if (this[ItemField.Data] is not { } data) return new Defect("data", "is missing");
        return data.Kind == JsonValueKind.Array ? ReadElements(data.Utf8, most) : new Defect("data", $"is {Describe(data)}, not an array");
    }

    /// <summary>The elements of a JSON array.</summary>
    /// <param name="utf8">The array's text.</param>
    /// <param name="most">The number of elements after which one more is read, but no others; null to read all.</param>
    public static Checked<IReadOnlyList<JsonText>> ReadElements(ReadOnlyMemory<byte> utf8, int? most = null)
    {
        try
        {
            var elements = new List<JsonText>();
            var reader = new Utf8JsonReader(utf8.Span, Options);
            reader.Read();
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                elements.Add(Value(ref reader, utf8));
                if (elements.Count > most) return elements.ToArray();
            }
            reader.Read();
            return elements.ToArray();
        }
        catch (JsonException)
        {
            return Defect.OfUnreadable(utf8.Span);
        }
    }

    /// <summary>A value's kind, for people.</summary>
    public static string Describe(JsonText value) => value.Kind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "an array",
        JsonValueKind.String => "a string",
        JsonValueKind.Number => "a number",
        _ => value.ToString(),
    };

    private static ItemFields Read(ref Utf8JsonReader reader, ReadOnlyMemory<byte> utf8, RecentSnapshots? recent)
    {
        var fields = new ItemFields();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = IndexOf(reader.ValueIsEscaped ? Encoding.UTF8.GetBytes(JsonText.Unescape(reader.ValueSpan)) : reader.ValueSpan);
            reader.Read();
            if (name == (int)ItemField.Snapshot && recent is not null && fields.EndsWithSnapshot(utf8[(int)reader.TokenStartIndex..], recent)) return fields;
            var value = Value(ref reader, utf8);
            if (name < 0) continue;
            fields._values[name] = value;
            if (name == (int)ItemField.Object && fields.IsRun) return fields;
        }
        reader.Read();
        return fields;
    }

    // Most envelopes end with the snapshot, and most snapshots resemble one that was read before.
    private bool EndsWithSnapshot(ReadOnlyMemory<byte> utf8, RecentSnapshots recent)
    {
        if (recent.ReadFirst(utf8, out var length) is not { } snapshot || !utf8.Span[length..].Trim(" \t\r\n"u8).SequenceEqual("}"u8)) return false;
        _values[(int)ItemField.Snapshot] = new JsonText(utf8[..length]);
        Snapshot = snapshot;
        return true;
    }

    private static JsonText Value(ref Utf8JsonReader reader, ReadOnlyMemory<byte> utf8)
    {
        var start = (int)reader.TokenStartIndex;
        reader.Skip();
        return new JsonText(utf8[start..(int)reader.BytesConsumed]);
    }

    private static int IndexOf(ReadOnlySpan<byte> name)
    {
        for (var i = 0; i < Names.Length; i++)
            if (name.SequenceEqual(Names[i])) return i;
        return -1;
    }

    /// <summary>The property's name on the wire.</summary>
    public static string NameOf(ItemField field) => JsonNamingPolicy.SnakeCaseLower.ConvertName(field.ToString());

    private static string Describe(JsonTokenType token) => token switch
    {
        JsonTokenType.StartArray => "an array",
        JsonTokenType.String => "a string",
        JsonTokenType.Number => "a number",
        _ => token.ToString().ToLowerInvariant(),
    };
}

/// <summary>The properties that tell what an item is. On the wire their names are in snake_case.</summary>
internal enum ItemField
{
    /// <summary>Of the API's objects: which kind.</summary>
    Object,

    /// <summary>Of the API's objects that have no <see cref="Object"/>: which kind.</summary>
    Type,

    /// <summary>Of a list: its elements.</summary>
    Data,

    /// <summary>Of an event in a stream of the Responses API: the response.</summary>
    Response,

    /// <summary>Of an envelope: the snapshot.</summary>
    Snapshot,

    /// <summary>Of an envelope: when the snapshot was seen.</summary>
    ObservedAt,

    /// <summary>Of an envelope: whether that time is assumed.</summary>
    Basis,

    /// <summary>Of an envelope: the way that the snapshot came.</summary>
    Source,

    /// <summary>Of an envelope: what ties it to work elsewhere.</summary>
    CorrelationId,

    /// <summary>Of an envelope and of an exchange: the request.</summary>
    Request,

    /// <summary>Of an envelope's request: which one.</summary>
    Kind,

    /// <summary>Of an exchange: the answer's body; of an envelope's request: its body.</summary>
    Body,

    /// <summary>Of an exchange: the HTTP method.</summary>
    Method,

    /// <summary>Of an exchange: the path and query.</summary>
    Path,

    /// <summary>Of an exchange: the HTTP status.</summary>
    Status,

    /// <summary>Of an exchange: the answer's media type.</summary>
    ContentType,
}
