using System.Globalization;
using System.Numerics;
using System.Text;

namespace RunLedger.Contract.Json;

/// <summary>A JSON value by its meaning: read by a parser of its own, so that the ledger's reading of JSON is not tested with itself.</summary>
public abstract record JsonValue
{
    /// <summary>An object; of properties with the same name the last counts.</summary>
    public sealed record Object(IReadOnlyDictionary<string, JsonValue> Members) : JsonValue;

    /// <summary>An array.</summary>
    public sealed record Array(IReadOnlyList<JsonValue> Elements) : JsonValue;

    /// <summary>A string as UTF-16 units, lone surrogates included.</summary>
    public sealed record Text(string Units) : JsonValue;

    /// <summary>A number: sign, digits without zeros at either end, and a power of ten. Zero has no digits and no sign.</summary>
    public sealed record Number(bool Negative, string Digits, BigInteger Exponent) : JsonValue;

    /// <summary><c>true</c>, <c>false</c> or <c>null</c>.</summary>
    public sealed record Literal(string Word) : JsonValue;

    public static JsonValue Parse(string json)
    {
        var at = 0;
        var value = Read(json, ref at);
        Assert.Equal(json.Length, at);
        return value;
    }

    private static JsonValue Read(string json, ref int at)
    {
        SkipSpace(json, ref at);
        JsonValue value = json[at] switch
        {
            '{' => ReadObject(json, ref at),
            '[' => ReadArray(json, ref at),
            '"' => new Text(ReadText(json, ref at)),
            't' => ReadWord(json, ref at, "true"),
            'f' => ReadWord(json, ref at, "false"),
            'n' => ReadWord(json, ref at, "null"),
            _ => ReadNumber(json, ref at),
        };
        SkipSpace(json, ref at);
        return value;
    }

    private static Object ReadObject(string json, ref int at)
    {
        var members = new Dictionary<string, JsonValue>(StringComparer.Ordinal);
        at++;
        SkipSpace(json, ref at);
        while (json[at] != '}')
        {
            SkipSpace(json, ref at);
            var name = ReadText(json, ref at);
            SkipSpace(json, ref at);
            Assert.Equal(':', json[at++]);
            members[name] = Read(json, ref at);
            if (json[at] == ',') at++;
        }
        at++;
        return new Object(members);
    }

    private static Array ReadArray(string json, ref int at)
    {
        var elements = new List<JsonValue>();
        at++;
        SkipSpace(json, ref at);
        while (json[at] != ']')
        {
            elements.Add(Read(json, ref at));
            if (json[at] == ',') at++;
        }
        at++;
        return new Array(elements);
    }

    private static string ReadText(string json, ref int at)
    {
        Assert.Equal('"', json[at++]);
        var units = new StringBuilder();
        for (; json[at] != '"'; at++)
        {
            if (json[at] != '\\')
            {
                units.Append(json[at]);
                continue;
            }
            var escape = json[++at];
            if (escape == 'u')
            {
                units.Append((char)ushort.Parse(json.AsSpan(at + 1, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));
                at += 4;
            }
            else units.Append("\b\f\n\r\t\"\\/"["bfnrt\"\\/".IndexOf(escape, StringComparison.Ordinal)]);
        }
        at++;
        return units.ToString();
    }

    private static Literal ReadWord(string json, ref int at, string word)
    {
        Assert.Equal(word, json.Substring(at, word.Length));
        at += word.Length;
        return new Literal(word);
    }

    private static Number ReadNumber(string json, ref int at)
    {
        var start = at;
        while (at < json.Length && json[at] is (>= '0' and <= '9') or '-' or '+' or '.' or 'e' or 'E') at++;
        var text = json[start..at];
        Assert.NotEmpty(text);
        var negative = text[0] == '-';
        var parts = text.TrimStart('-').Split(['e', 'E']);
        var exponent = parts.Length == 1 ? BigInteger.Zero : BigInteger.Parse(parts[1], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        var point = parts[0].IndexOf('.', StringComparison.Ordinal);
        if (point >= 0) exponent -= parts[0].Length - point - 1;
        var digits = parts[0].Replace(".", "", StringComparison.Ordinal).TrimStart('0');
        var significant = digits.TrimEnd('0');
        return significant.Length == 0 ? new Number(false, "", 0) : new Number(negative, significant, exponent + digits.Length - significant.Length);
    }

    private static void SkipSpace(string json, ref int at)
    {
        while (at < json.Length && json[at] is ' ' or '\t' or '\r' or '\n') at++;
    }
}
