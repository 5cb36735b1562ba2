using System.Globalization;
using System.Text;
using RunLedger.Domain.Json;

namespace RunLedger.Domain.Usage;

/// <summary>
/// Numbers as PostgreSQL's <c>numeric</c>, and so <c>jsonb</c>, writes them: in full, without an exponent, with as many digits after the point as were
/// written, and without a sign before zero.
/// </summary>
internal static class NumericText
{
    /// <summary>The text of a JSON number; the number as it stands if <c>jsonb</c> could not hold it.</summary>
    public static string Of(JsonText number)
    {
        if (CanonicalJson.IsBeyondJsonb(number)) return number.ToString();
        var text = Encoding.ASCII.GetString(number.Utf8.Span);
        var e = text.AsSpan().IndexOfAny('e', 'E');
        var exponent = e < 0 ? 0 : int.Parse(text.AsSpan(e + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        var mantissa = (e < 0 ? text : text[..e]).TrimStart('-');
        var point = mantissa.IndexOf('.', StringComparison.Ordinal);
        var power = exponent - (point < 0 ? 0 : mantissa.Length - point - 1);
        return Written(mantissa.Replace(".", "", StringComparison.Ordinal), power, text.StartsWith('-'));
    }

    private static string Written(string digits, int power, bool isNegative)
    {
        var scale = Math.Max(0, -power);
        var significant = digits.TrimStart('0');
        if (significant.Length > 0) significant = significant.PadRight(significant.Length + Math.Max(0, power), '0');
        var padded = significant.PadLeft(scale + 1, '0');
        var sign = isNegative && significant.Length > 0 ? "-" : "";
        return scale == 0 ? sign + padded : $"{sign}{padded[..^scale]}.{padded[^scale..]}";
    }
}
