using System.Buffers;
using System.Globalization;
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
    private readonly ArrayBufferWriter<byte> _output = new(1024);
    private readonly List<Member> _members = [];

    /// <summary>What has been written.</summary>
    public ReadOnlySpan<byte> Written => _output.WrittenSpan;

    /// <summary>
    /// Whether something written since this was last set to false cannot stand in a <c>jsonb</c> value as it is or would lose in it: U+0000, a lone surrogate,
    /// a number beyond PostgreSQL's <c>numeric</c>, the same property twice, nesting deeper than 64.
    /// </summary>
    public bool BeyondJsonb { get; set; }

    /// <summary>Forgets all that has been written.</summary>
    public void Clear()
    {
        _output.ResetWrittenCount();
        BeyondJsonb = false;
    }

    /// <summary>The canonical form of one value.</summary>
    public static byte[] Of(JsonText value)
    {
        var canonical = new CanonicalJson();
        canonical.Write(value);
        return canonical.Written.ToArray();
    }

    /// <summary>The digest of a value's canonical form: the same for any two texts that mean the same.</summary>
    public static Digest DigestOf(JsonText value) => Digest.Of(Of(value));

    /// <summary>Appends the canonical form of <paramref name="value"/>.</summary>
    public void Write(JsonText value)
    {
        var reader = new Utf8JsonReader(value.Utf8.Span, JsonText.ReaderOptions);
        reader.Read();
        WriteValue(ref reader);
    }

    /// <summary>Appends a property name and its colon, in canonical form.</summary>
    public void WriteName(string name)
    {
        WriteChars(name);
        Put(":"u8);
    }

    /// <summary>Appends punctuation as it is.</summary>
    public void Put(ReadOnlySpan<byte> punctuation) => _output.Write(punctuation);

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
        Put("["u8);
        for (var first = true; reader.Read() && reader.TokenType != JsonTokenType.EndArray; first = false)
        {
            if (!first) Put(","u8);
            WriteValue(ref reader);
        }
        Put("]"u8);
    }

    // Members are written in the order in which they stand; where that is not the canonical order, their bytes are put in order afterwards.
    // Most objects of an API come in one and the same order, so that the second step moves few bytes, and nothing is parsed twice.
    private void WriteObject(ref Utf8JsonReader reader)
    {
        BeyondJsonb |= reader.CurrentDepth >= 64;
        Put("{"u8);
        var start = _output.WrittenCount;
        var firstMember = _members.Count;
        var ordered = true;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = _output.WrittenCount;
            WriteString(reader.ValueSpan, reader.ValueIsEscaped);
            var colon = _output.WrittenCount;
            Put(":"u8);
            reader.Read();
            WriteValue(ref reader);
            Put(","u8);
            var member = new Member(name, colon, _output.WrittenCount);
            ordered = ordered && (_members.Count == firstMember || Compare(_members[^1], member) < 0);
            _members.Add(member);
        }
        if (!ordered) PutInOrder(start, firstMember);
        if (_members.Count > firstMember) DropLast();
        _members.RemoveRange(firstMember, _members.Count - firstMember);
        Put("}"u8);
    }

    private void PutInOrder(int start, int firstMember)
    {
        var members = _members.GetRange(firstMember, _members.Count - firstMember).Select((member, index) => (member, index)).ToArray();
        Array.Sort(members, (x, y) => Compare(x.member, y.member) is var order and not 0 ? order : x.index - y.index);
        var copy = _output.WrittenSpan[start..].ToArray();
        Shrink(start);
        for (var i = 0; i < members.Length; i++)
        {
            var (name, colon, end) = members[i].member;
            if (i + 1 < members.Length && SameName(copy, start, members[i].member, members[i + 1].member)) BeyondJsonb = true;
            else Put(copy.AsSpan(name - start, end - name));
        }
    }

    private static bool SameName(byte[] copy, int start, Member x, Member y) =>
        copy.AsSpan(x.Name - start, x.Colon - x.Name).SequenceEqual(copy.AsSpan(y.Name - start, y.Colon - y.Name));

    private int Compare(Member x, Member y) =>
        _output.WrittenSpan[x.Name..x.Colon].SequenceCompareTo(_output.WrittenSpan[y.Name..y.Colon]);

    private void DropLast() => Shrink(_output.WrittenCount - 1);

    // ArrayBufferWriter cannot shrink except to nothing; what stays is still in its buffer after that, so only the count moves.
    private void Shrink(int length)
    {
        _output.ResetWrittenCount();
        if (length > 0) _output.GetSpan(length);
        _output.Advance(length);
    }

    private void WriteString(ReadOnlySpan<byte> inside, bool escaped)
    {
        if (escaped)
        {
            WriteChars(JsonText.Unescape(inside));
            return;
        }
        Put("\""u8);
        Put(inside);
        Put("\""u8);
    }

    private void WriteChars(string text)
    {
        Put("\""u8);
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
        Put("\""u8);
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
        long exponent = 0;
        if (e >= 0 && !TryExponent(token[(e + 1)..], out exponent))
        {
            BeyondJsonb = true;
            Put(Encoding.ASCII.GetBytes(Encoding.ASCII.GetString(token).ToLowerInvariant()));
            return;
        }
        var point = mantissa.IndexOf((byte)'.');
        if (point >= 0) exponent -= mantissa.Length - point - 1;
        WriteDecimal(negative, mantissa, exponent);
    }

    private static bool TryExponent(ReadOnlySpan<byte> text, out long exponent)
    {
        exponent = 0;
        return text.Length <= 16 && long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out exponent);
    }

    private void WriteDecimal(bool negative, ReadOnlySpan<byte> mantissa, long exponent)
    {
        var digits = new byte[mantissa.Length];
        var count = 0;
        foreach (var character in mantissa)
        {
            if (character != (byte)'.' && (count > 0 || character != (byte)'0')) digits[count++] = character;
        }
        if (count == 0)
        {
            Put("0"u8);
            return;
        }
        while (digits[count - 1] == (byte)'0')
        {
            count--;
            exponent++;
        }
        BeyondJsonb |= count > 1_000 || Math.Abs(exponent) > 1_000;
        if (negative) Put("-"u8);
        Put(digits.AsSpan(0, count));
        if (exponent is >= 0 and <= 40 && count + exponent <= 40)
            for (var i = 0; i < exponent; i++) Put("0"u8);
        else Put(Encoding.ASCII.GetBytes($"e{exponent}"));
    }

    private readonly record struct Member(int Name, int Colon, int End);
}
