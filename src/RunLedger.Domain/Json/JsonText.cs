using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace RunLedger.Domain.Json;

/// <summary>
/// The exact text of one JSON value, as UTF-8. The text has been checked to be valid JSON before it gets here; nothing in it is
/// normalised, so that numbers such as <c>1e400</c> and strings with lone surrogates survive, which no object model promises.
/// </summary>
/// <param name="Utf8">The text, from the value's first byte to its last.</param>
public readonly record struct JsonText(ReadOnlyMemory<byte> Utf8)
{
    /// <summary>The deepest nesting that is read: beyond it input is refused, so that recursion is bounded.</summary>
    public const int MaxDepth = 512;

    /// <summary>How JSON is read here: RFC 8259 to the letter, nested at most <see cref="MaxDepth"/> deep.</summary>
    public static readonly JsonReaderOptions ReaderOptions = new() { MaxDepth = MaxDepth, CommentHandling = JsonCommentHandling.Disallow };

    private static readonly SearchValues<byte> QuoteOrSpace = SearchValues.Create("\" \t\r\n"u8);
    private static readonly SearchValues<byte> QuoteOrEscape = SearchValues.Create("\"\\"u8);

    /// <summary>JSON's <c>null</c>.</summary>
    public static JsonText Null { get; } = new("null"u8.ToArray());

    /// <summary>A whole number.</summary>
    public static JsonText Of(long number) => new(Encoding.ASCII.GetBytes(number.ToString(CultureInfo.InvariantCulture)));

    /// <summary>What kind of value this is, told by its first byte.</summary>
    public JsonValueKind Kind => Utf8.IsEmpty ? JsonValueKind.Undefined : Utf8.Span[0] switch
    {
        (byte)'{' => JsonValueKind.Object,
        (byte)'[' => JsonValueKind.Array,
        (byte)'"' => JsonValueKind.String,
        (byte)'t' => JsonValueKind.True,
        (byte)'f' => JsonValueKind.False,
        (byte)'n' => JsonValueKind.Null,
        _ => JsonValueKind.Number,
    };

    /// <summary>Whether this is JSON's <c>null</c>.</summary>
    public bool IsNull => Kind == JsonValueKind.Null;

    /// <summary>The string, or null if this is no JSON string. Lone surrogates are kept, as .NET strings can.</summary>
    public string? AsString() => Kind == JsonValueKind.String ? CommonWords.Find(Utf8.Span[1..^1]) ?? Unescape(Utf8.Span[1..^1]) : null;

    /// <summary>The whole number, or null if this is no number or not within 64 bits. A fraction is cut off.</summary>
    public long? AsInt64()
    {
        if (Kind != JsonValueKind.Number) return null;
        if (long.TryParse(Utf8.Span, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole)) return whole;
        return decimal.TryParse(Utf8.Span, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            && number is >= long.MinValue and <= long.MaxValue ? (long)number : null;
    }

    /// <summary>Whether this is a number without a fraction, however it is written: <c>12.0</c> and <c>1e3</c> are whole.</summary>
    public bool IsWhole() =>
        Kind == JsonValueKind.Number && (Utf8.Span.IndexOfAnyExceptInRange((byte)'0', (byte)'9') < 0 || CanonicalJson.Of(this).AsSpan().IndexOf("e-"u8) < 0);

    /// <summary>The value of a property of this object; null if this is no object or has none of that name. The last of several counts.</summary>
    public JsonText? Property(ReadOnlySpan<byte> name)
    {
        JsonText? found = null;
        if (Kind != JsonValueKind.Object) return found;
        var reader = new Utf8JsonReader(Utf8.Span, ReaderOptions);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var matches = reader.ValueIsEscaped ? Unescape(reader.ValueSpan) == Encoding.UTF8.GetString(name) : reader.ValueSpan.SequenceEqual(name);
            reader.Read();
            var value = Value(ref reader);
            if (matches) found = value;
        }
        return found;
    }

    /// <summary>The elements of this array; none if this is no array.</summary>
    public IReadOnlyList<JsonText> Elements()
    {
        if (Kind != JsonValueKind.Array) return [];
        var elements = new List<JsonText>();
        var reader = new Utf8JsonReader(Utf8.Span, ReaderOptions);
        reader.Read();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray) elements.Add(Value(ref reader));
        return elements;
    }

    /// <summary>The same value without white space between its tokens, in memory of its own.</summary>
    public JsonText Minified()
    {
        var source = Utf8.Span;
        var target = new byte[source.Length];
        var length = 0;
        while (!source.IsEmpty)
        {
            var run = source.IndexOfAny(QuoteOrSpace);
            if (run < 0) run = source.Length;
            else if (source[run] == (byte)'"') run += StringLength(source[run..]);
            source[..run].CopyTo(target.AsSpan(length));
            length += run;
            source = source[run..];
            while (!source.IsEmpty && source[0] is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n') source = source[1..];
        }
        return new JsonText(target.AsMemory(0, length));
    }

    /// <inheritdoc/>
    public override string ToString() => Encoding.UTF8.GetString(Utf8.Span);

    /// <summary>Whether both are the same text, byte for byte.</summary>
    public bool Equals(JsonText other) => Utf8.Span.SequenceEqual(other.Utf8.Span);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = default(HashCode);
        hash.AddBytes(Utf8.Span);
        return hash.ToHashCode();
    }

    /// <summary>Decodes the escapes of a JSON string's inside; lone surrogates are kept, which <see cref="Utf8JsonReader.GetString"/> refuses.</summary>
    internal static string Unescape(ReadOnlySpan<byte> inside)
    {
        if (!inside.Contains((byte)'\\')) return Encoding.UTF8.GetString(inside);
        var text = new StringBuilder(inside.Length);
        while (!inside.IsEmpty)
        {
            var run = inside.IndexOf((byte)'\\');
            if (run < 0) run = inside.Length;
            text.Append(Encoding.UTF8.GetString(inside[..run]));
            inside = inside[run..];
            if (inside.IsEmpty) break;
            text.Append(EscapedChar(inside, out var length));
            inside = inside[length..];
        }
        return text.ToString();
    }

    /// <summary>The UTF-16 unit that the escape at the start of <paramref name="escape"/> stands for, and the escape's length in bytes.</summary>
    internal static char EscapedChar(ReadOnlySpan<byte> escape, out int length)
    {
        length = escape[1] == (byte)'u' ? 6 : 2;
        return escape[1] switch
        {
            (byte)'u' => (char)ushort.Parse(escape.Slice(2, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture),
            (byte)'b' => '\b',
            (byte)'f' => '\f',
            (byte)'n' => '\n',
            (byte)'r' => '\r',
            (byte)'t' => '\t',
            var literal => (char)literal,
        };
    }

    private JsonText Value(ref Utf8JsonReader reader)
    {
        var start = (int)reader.TokenStartIndex;
        reader.Skip();
        return new JsonText(Utf8[start..(int)reader.BytesConsumed]);
    }

    private static int StringLength(ReadOnlySpan<byte> text)
    {
        var at = 1;
        while (true)
        {
            at += text[at..].IndexOfAny(QuoteOrEscape);
            if (text[at] == (byte)'"') return at + 1;
            at += 2;
        }
    }
}
