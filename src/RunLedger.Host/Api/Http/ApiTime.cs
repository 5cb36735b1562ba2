using System.Globalization;
using RunLedger.Domain.Observations;

namespace RunLedger.Host.Api.Http;

/// <summary>Times as callers write them: RFC 3339, a date (its first moment, UTC), or seconds since the epoch.</summary>
public static class ApiTime
{
    /// <summary>What a time may look like, for messages.</summary>
    public const string Forms = "a time such as 2026-01-31T09:30:00Z, a date such as 2026-01-31, or seconds since the epoch";

    private static readonly string[] Rfc3339 = ["yyyy-MM-dd'T'HH:mm:ss.FFFFFFFzzz", "yyyy-MM-dd' 'HH:mm:ss.FFFFFFFzzz"];

    /// <summary>Reads a time.</summary>
    /// <param name="text">The text.</param>
    /// <param name="time">The time in UTC, to the microsecond.</param>
    public static bool TryParse(string text, out DateTimeOffset time)
    {
        if (TryParseExactly(text, out time))
        {
            time = time.ToMicroseconds();
            return true;
        }
        return false;
    }

    private static bool TryParseExactly(string text, out DateTimeOffset time)
    {
        const DateTimeStyles Utc = DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal;
        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds <= Times.MaxUnixSeconds)
        {
            time = DateTimeOffset.FromUnixTimeSeconds(seconds);
            return true;
        }
        return DateTimeOffset.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, Utc, out time)
            || DateTimeOffset.TryParseExact(WithOffset(text), Rfc3339, CultureInfo.InvariantCulture, Utc, out time);
    }

    // A Z is an offset of zero. In a query an unescaped + arrives as a space: 09:30:00+02:00 as 09:30:00 02:00. Of a second's fraction more
    // digits may be given than can be kept.
    private static string WithOffset(string text)
    {
        var (time, offset) = text.EndsWith('Z') || text.EndsWith('z') ? (text[..^1], "+00:00") : text.Length > 6 ? (text[..^6], text[^6..]) : (text, "");
        var point = time.LastIndexOf('.');
        if (point > 0 && time.Length - point is > 8 and <= 10 && time.AsSpan(point + 1).IndexOfAnyExceptInRange('0', '9') < 0) time = time[..(point + 8)];
        return $"{time}{(offset.StartsWith(' ') ? $"+{offset[1..]}" : offset)}".ToUpperInvariant();
    }
}
