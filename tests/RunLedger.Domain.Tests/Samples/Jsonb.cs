using System.Globalization;
using System.Numerics;
using System.Text;

namespace RunLedger.Domain.Tests.Samples;

/// <summary>
/// What PostgreSQL's <c>jsonb</c> makes of a text (manual, 8.14): names sorted by length and bytes, the last of duplicates kept, numbers
/// as <c>numeric</c> prints them, escapes decoded; and what it refuses.
/// </summary>
public static class Jsonb
{
    private const int MostDigitsBeforePoint = 131_072;
    private const int MostDigitsAfterPoint = 16_383;

    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    /// <summary>The text that <c>SELECT $1::jsonb::text</c> gives.</summary>
    /// <exception cref="FormatException">PostgreSQL would answer with an error.</exception>
    public static string Store(string json)
    {
        var output = new StringBuilder();
        Write(JsonTree.Parse(json), output);
        return output.ToString();
    }

    private static void Write(JsonTree value, StringBuilder output)
    {
        switch (value)
        {
            case JsonTree.Object { Members: var members }:
                WriteMembers(members, output);
                break;
            case JsonTree.Array { Items: var items }:
                WriteItems(items, output);
                break;
            case JsonTree.String { Value: var text }:
                WriteString(text, output);
                break;
            case JsonTree.Number number:
                output.Append(Numeric(number));
                break;
            case JsonTree.Word { Text: var word }:
                output.Append(word);
                break;
        }
    }

    private static void WriteItems(IReadOnlyList<JsonTree> items, StringBuilder output)
    {
        output.Append('[');
        for (var i = 0; i < items.Count; i++)
        {
            if (i > 0) output.Append(", ");
            Write(items[i], output);
        }
        output.Append(']');
    }

    private static void WriteMembers(IReadOnlyList<(string Name, JsonTree Value)> members, StringBuilder output)
    {
        var stored = members
            .GroupBy(member => member.Name, StringComparer.Ordinal)
            .Select(group => (group.Key, Bytes: Utf8(group.Key), group.Last().Value))
            .OrderBy(member => member.Bytes.Length)
            .ThenBy(member => Convert.ToHexString(member.Bytes), StringComparer.Ordinal);
        var separator = "";
        output.Append('{');
        foreach (var (name, _, value) in stored)
        {
            output.Append(separator);
            WriteString(name, output);
            output.Append(": ");
            Write(value, output);
            separator = ", ";
        }
        output.Append('}');
    }

    private static byte[] Utf8(string text)
    {
        if (text.Contains('\0', StringComparison.Ordinal)) throw new FormatException("22P05: \\u0000 cannot be converted to text.");
        try
        {
            return StrictUtf8.GetBytes(text);
        }
        catch (EncoderFallbackException lone)
        {
            throw new FormatException("22P02: Unicode high surrogate must be followed by a low one.", lone);
        }
    }

    private static void WriteString(string text, StringBuilder output)
    {
        _ = Utf8(text);
        output.Append('"');
        foreach (var unit in text)
        {
            if (unit is '"' or '\\') output.Append('\\').Append(unit);
            else if (unit < ' ') output.Append(CultureInfo.InvariantCulture, $"\\u{(int)unit:x4}");
            else output.Append(unit);
        }
        output.Append('"');
    }

    private static string Numeric(JsonTree.Number number)
    {
        var (mantissa, exponent) = number.Parts;
        var (digits, power) = number.Value;
        var point = mantissa.IndexOf('.', StringComparison.Ordinal);
        var scale = BigInteger.Max(0, (point < 0 ? 0 : mantissa.Length - point - 1) - exponent);
        var beforePoint = digits.IsZero ? 0 : BigInteger.Abs(digits).ToString(CultureInfo.InvariantCulture).Length + power;
        if (beforePoint > MostDigitsBeforePoint || scale > MostDigitsAfterPoint || BigInteger.Abs(exponent) > int.MaxValue / 2)
            throw new FormatException("22003: value overflows numeric format.");

        var plain = BigInteger.Abs(digits) * BigInteger.Pow(10, (int)(power + scale));
        var text = plain.ToString(CultureInfo.InvariantCulture).PadLeft((int)scale + 1, '0');
        if (scale > 0) text = text.Insert(text.Length - (int)scale, ".");
        return digits.Sign < 0 ? $"-{text}" : text;
    }
}
