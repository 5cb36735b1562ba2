using System.Globalization;

namespace RunLedger.Domain.Capture;

/// <summary>Times as RFC 3339, section 5.6, has them: any offset, up to nine digits of a second's fraction, of which six are kept.</summary>
public static class Rfc3339
{
    private const int MaxFractionDigits = 9;

    /// <summary>The time in UTC, cut off to the microsecond; null if the text is none, or one beyond the years 1 to 9999.</summary>
    /// <param name="text">The time as it was written.</param>
    public static DateTimeOffset? Parse(ReadOnlySpan<char> text)
    {
        if (text.Length < "2026-08-26T12:00:00Z".Length || !HasSeparators(text)) return null;
        if (Number(text[..4]) is not { } year || Number(text[5..7]) is not { } month || Number(text[8..10]) is not { } day) return null;
        if (Number(text[11..13]) is not { } hour || Number(text[14..16]) is not { } minute || Number(text[17..19]) is not { } second) return null;
        if (year < 1 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month)) return null;
        if (hour > 23 || minute > 59 || second > 60) return null;
        if (Fraction(text[19..], out var rest) is not { } microseconds || Offset(rest) is not { } offset) return null;

        var ticks = new DateTime(year, month, day, hour, minute, 0).Ticks
            + (second * TimeSpan.TicksPerSecond) + (microseconds * TimeSpan.TicksPerMicrosecond) - offset.Ticks;
        return ticks >= 0 && ticks <= DateTime.MaxValue.Ticks ? new DateTimeOffset(ticks, TimeSpan.Zero) : null;
    }

    private static bool HasSeparators(ReadOnlySpan<char> text) =>
        text[4] == '-' && text[7] == '-' && text[10] is 'T' or 't' or ' ' && text[13] == ':' && text[16] == ':';

    private static int? Number(ReadOnlySpan<char> digits) =>
        int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static int? Fraction(ReadOnlySpan<char> text, out ReadOnlySpan<char> rest)
    {
        rest = text;
        if (text[0] != '.') return 0;
        var digits = text[1..].IndexOfAnyExceptInRange('0', '9');
        if (digits is < 1 or > MaxFractionDigits) return null;
        rest = text[(1 + digits)..];
        Span<char> six = ['0', '0', '0', '0', '0', '0'];
        text.Slice(1, Math.Min(digits, six.Length)).CopyTo(six);
        return Number(six);
    }

    private static TimeSpan? Offset(ReadOnlySpan<char> text)
    {
        if (text is "Z" or "z") return TimeSpan.Zero;
        if (text.Length != 6 || text[0] is not ('+' or '-') || text[3] != ':') return null;
        if (Number(text[1..3]) is not (>= 0 and <= 23 and var hours) || Number(text[4..6]) is not (>= 0 and <= 59 and var minutes)) return null;
        var offset = new TimeSpan(hours, minutes, 0);
        return text[0] == '-' ? -offset : offset;
    }
}
