using System.Buffers;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace RunLedger.Domain.Json;

/// <summary>
/// Writes JSON values in one form per meaning, so that equal bytes mean equal values: properties in ordinal order (the last of
/// duplicates counts), strings with the fewest escapes, numbers by their exact decimal value, no white space. It is RFC 8785 except
/// for numbers, which that RFC rounds to doubles: <c>1e400</c> and <c>0.1</c> followed by thirty zeros and a one stay what they are.
/// </summary>
public sealed class CanonicalJson
{
    private static readonly SearchValues<byte> Plain =
        SearchValues.Create(Enumerable.Range(' ', 95).Select(code => (byte)code).Where(code => code != '\\').ToArray());

    /// <summary>The size in bytes beyond which nothing is kept by a thread for the next text that it reads: 1 MiB.</summary>
    internal const int LargestKept = 1024 * 1024;

    [ThreadStatic]
    private static CanonicalJson? _ofThisThread;

    private readonly List<Member> _members = [];
    private byte[] _output = new byte[1024];
    private int _length;
    private Comparison<Member>? _byName;

    /// <summary>What has been written.</summary>
    public ReadOnlySpan<byte> Written => _output.AsSpan(0, _length);

    /// <summary>
    /// Whether something written since this was last set to false cannot stand in a <c>jsonb</c> value as it is or would lose in it: U+0000, a lone surrogate,
    /// a number beyond PostgreSQL's <c>numeric</c>, the same property twice, nesting deeper than 64.
    /// </summary>
    public bool BeyondJsonb { get; set; }

    /// <summary>Forgets all that has been written.</summary>
    public void Clear()
    {
        _length = 0;
        BeyondJsonb = false;
    }

    /// <summary>The canonical form of one value.</summary>
    public static byte[] Of(JsonText value)
    {
        var canonical = OfThisThread();
        canonical.Write(value);
        return canonical.Written.ToArray();
    }

    /// <summary>Whether a value cannot stand in a <c>jsonb</c> value as it is or would lose in it.</summary>
    public static bool IsBeyondJsonb(JsonText value)
    {
        var canonical = OfThisThread();
        canonical.Write(value);
        return canonical.BeyondJsonb;
    }

    /// <summary>A writer that nothing has been written to, to be used before another is asked for on this thread.</summary>
    internal static CanonicalJson OfThisThread()
    {
        var canonical = _ofThisThread ??= new CanonicalJson();
        canonical.Clear();
        return canonical;
    }

    /// <summary>The digest of a value's canonical form: the same for any two texts that mean the same.</summary>
    public static Digest DigestOf(JsonText value) => Digest.Of(Of(value));

    /// <summary>Appends the canonical form of <paramref name="value"/>.</summary>
    public void Write(JsonText value)
    {
        var text = value.Utf8.Span;
        switch (value.Kind)
        {
            case JsonValueKind.Object or JsonValueKind.Array when text.Length > 2:
                var reader = new Utf8JsonReader(text, JsonText.ReaderOptions);
                reader.Read();
                WriteValue(ref reader);
                break;
            case JsonValueKind.String:
                WriteString(text[1..^1], escaped: text.Contains((byte)'\\'));
                break;
            case JsonValueKind.Number:
                WriteNumber(text);
                break;
            default:
                Put(text);
                break;
        }
    }

    /// <summary>Appends a property name and its colon, in canonical form.</summary>
    public void WriteName(string name)
    {
        var start = _length;
        Reserve(name.Length + 3);
        _output[_length++] = (byte)'"';
        foreach (var unit in name)
        {
            if (unit is < ' ' or > '~' or '"' or '\\')
            {
                _length = start;
                WriteChars(name);
                Put(':');
                return;
            }
            _output[_length++] = (byte)unit;
        }
        _output[_length++] = (byte)'"';
        _output[_length++] = (byte)':';
    }

    /// <summary>Appends punctuation as it is.</summary>
    public void Put(ReadOnlySpan<byte> punctuation)
    {
        Reserve(punctuation.Length);
        punctuation.CopyTo(_output.AsSpan(_length));
        _length += punctuation.Length;
    }

    private void Put(char ascii)
    {
        Reserve(1);
        _output[_length++] = (byte)ascii;
    }

    private void Reserve(int bytes)
    {
        if (_output.Length - _length < bytes) Grow(bytes);
    }

    // A thread keeps its writer for as long as it lives, and one large text should not cost that much memory for that long.
    private void Grow(int bytes)
    {
        Array.Resize(ref _output, Math.Max(_output.Length * 2, _length + bytes));
        if (_output.Length > LargestKept && ReferenceEquals(_ofThisThread, this)) _ofThisThread = null;
    }

    private void WriteValue(ref Utf8JsonReader reader)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                WriteObject(ref reader);
                break;
            case JsonTokenType.StartArray:
                WriteArray(ref reader);
                break;
            case JsonTokenType.String:
                WriteString(reader.ValueSpan, reader.ValueIsEscaped);
                break;
            case JsonTokenType.Number:
                WriteNumber(reader.ValueSpan);
                break;
            default:
                Put(reader.ValueSpan);
                break;
        }
    }

    private void WriteArray(ref Utf8JsonReader reader)
    {
        BeyondJsonb |= reader.CurrentDepth >= 64;
        Put('[');
        for (var first = true; reader.Read() && reader.TokenType != JsonTokenType.EndArray; first = false)
        {
            if (!first) Put(',');
            WriteValue(ref reader);
        }
        Put(']');
    }

    // Members are written in the order in which they stand; where that is not the canonical order, their bytes are put in order afterwards.
    // Most objects of an API come in one and the same order, so that the second step moves few bytes, and nothing is parsed twice.
    private void WriteObject(ref Utf8JsonReader reader)
    {
        BeyondJsonb |= reader.CurrentDepth >= 64;
        Put('{');
        var start = _length;
        var firstMember = _members.Count;
        var ordered = true;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = _length;
            WriteString(reader.ValueSpan, reader.ValueIsEscaped);
            var colon = _length;
            Put(':');
            reader.Read();
            WriteValue(ref reader);
            Put(',');
            var member = new Member(name, colon, _length);
            ordered = ordered && (_members.Count == firstMember || Compare(_members[^1], member) < 0);
            _members.Add(member);
        }
        if (!ordered) PutInOrder(start, firstMember);
        if (_members.Count > firstMember) _length--;
        _members.RemoveRange(firstMember, _members.Count - firstMember);
        Put('}');
    }

    private void PutInOrder(int start, int firstMember)
    {
        var members = CollectionsMarshal.AsSpan(_members)[firstMember..];
        members.Sort(_byName ??= ByName);
        var unordered = ArrayPool<byte>.Shared.Rent(_length - start);
        Written[start..].CopyTo(unordered);
        _length = start;
        for (var i = 0; i < members.Length; i++)
        {
            var (name, colon, end) = members[i];
            if (i + 1 < members.Length && SameName(unordered, start, members[i], members[i + 1])) BeyondJsonb = true;
            else Put(unordered.AsSpan(name - start, end - name));
        }
        ArrayPool<byte>.Shared.Return(unordered);
    }

    private static bool SameName(byte[] text, int start, Member x, Member y) =>
        text.AsSpan(x.Name - start, x.Colon - x.Name).SequenceEqual(text.AsSpan(y.Name - start, y.Colon - y.Name));

    // Plain ASCII sorts by its bytes as by its UTF-16 units; escapes and supplementary characters do not.
    private int Compare(Member x, Member y)
    {
        var left = Written[(x.Name + 1)..(x.Colon - 1)];
        var right = Written[(y.Name + 1)..(y.Colon - 1)];
        return left.ContainsAnyExcept(Plain) || right.ContainsAnyExcept(Plain)
            ? string.CompareOrdinal(JsonText.Unescape(left), JsonText.Unescape(right))
            : left.SequenceCompareTo(right);
    }

    // Of members with the same name the one that stands later comes later.
    private int ByName(Member x, Member y) => Compare(x, y) is var order and not 0 ? order : x.Name - y.Name;

    private void WriteString(ReadOnlySpan<byte> inside, bool escaped)
    {
        if (escaped)
        {
            WriteChars(JsonText.Unescape(inside));
            return;
        }
        Reserve(inside.Length + 2);
        _output[_length] = (byte)'"';
        inside.CopyTo(_output.AsSpan(_length + 1));
        _output[_length + 1 + inside.Length] = (byte)'"';
        _length += inside.Length + 2;
    }

    private void WriteChars(string text)
    {
        Put('"');
        Span<byte> utf8 = stackalloc byte[6];
        for (var i = 0; i < text.Length; i++)
        {
            var unit = text[i];
            if (Rune.TryCreate(unit, i + 1 < text.Length ? text[i + 1] : '\0', out var pair))
            {
                Put(utf8[..pair.EncodeToUtf8(utf8)]);
                i++;
            }
            else if (unit is '"' or '\\' or < ' ' || char.IsSurrogate(unit)) WriteEscape(unit);
            else Put(utf8[..new Rune(unit).EncodeToUtf8(utf8)]);
        }
        Put('"');
    }

    private void WriteEscape(char unit)
    {
        BeyondJsonb |= unit == '\0' || char.IsSurrogate(unit);
        Put(unit switch
        {
            '"' => "\\\""u8,
            '\\' => "\\\\"u8,
            '\b' => "\\b"u8,
            '\f' => "\\f"u8,
            '\n' => "\\n"u8,
            '\r' => "\\r"u8,
            '\t' => "\\t"u8,
            _ => Encoding.ASCII.GetBytes($"\\u{(int)unit:x4}"),
        });
    }

    // A number is sign, digits without zeros at either end, and a power of ten; written plainly while that is a whole number of at most 40 digits.
    private void WriteNumber(ReadOnlySpan<byte> token)
    {
        if (token.Length <= 18 && token.IndexOfAnyExceptInRange((byte)'0', (byte)'9') < 0)
        {
            Put(token);
            return;
        }
        var negative = token[0] == (byte)'-';
        var e = token.IndexOfAny((byte)'e', (byte)'E');
        var mantissa = token[(negative ? 1 : 0)..(e < 0 ? token.Length : e)];
        var exponent = Exponent.Read(e < 0 ? default : token[(e + 1)..]);
        // What numeric refuses depends on how a number is written and not on its value alone: 0e-20000 has too many digits for it.
        BeyondJsonb |= mantissa.Length > 1_000 || exponent.Small is not (>= -1_000 and <= 1_000);
        WriteDecimal(negative, mantissa, exponent);
    }

    private void WriteDecimal(bool negative, ReadOnlySpan<byte> mantissa, Exponent exponent)
    {
        var digits = new byte[mantissa.Length];
        var count = 0;
        foreach (var character in mantissa)
        {
            if (character != (byte)'.' && (count > 0 || character != (byte)'0')) digits[count++] = character;
        }
        if (count == 0)
        {
            Put('0');
            return;
        }
        var significant = digits.AsSpan(0, count).TrimEnd((byte)'0');
        var point = mantissa.IndexOf((byte)'.');
        var fraction = point < 0 ? 0 : mantissa.Length - point - 1;
        if (negative) Put('-');
        Put(significant);
        WritePower(exponent.Plus(count - significant.Length - fraction), significant.Length);
    }

    private void WritePower(Exponent exponent, int digits)
    {
        if (exponent.Small is >= 0 and var zeros && digits + zeros <= 40)
        {
            for (var i = 0; i < zeros; i++) Put('0');
            return;
        }
        Put(exponent.IsNegative ? "e-"u8 : "e"u8);
        if (exponent.Small is { } small) Put(Encoding.ASCII.GetBytes(Math.Abs(small).ToString(CultureInfo.InvariantCulture)));
        else Put(exponent.Huge);
    }

    private readonly record struct Member(int Name, int Colon, int End);
}
