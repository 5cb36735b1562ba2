using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using RunLedger.Domain.Capture;
using RunLedger.Domain.Observations;

namespace RunLedger.Host.CommandLine;

/// <summary>
/// Times as options take them: RFC 3339, a date (its first moment, UTC), or how long ago, e.g. <c>90s</c>, <c>15m</c>, <c>24h</c>,
/// <c>7d</c>, <c>2w</c>.
/// </summary>
internal static class TimeArgument
{
    private static readonly string[] Formats =
    [
        "yyyy-MM-dd", "yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK",
        "yyyy-MM-dd HH:mmK", "yyyy-MM-dd HH:mm:ssK", "yyyy-MM-dd HH:mm:ss.FFFFFFFK",
    ];

    /// <summary>An option that takes a time.</summary>
    public static Option<DateTimeOffset?> Option(string name, string description) => new(name)
    {
        Description = $"{description} RFC 3339, a date, or how long ago: 24h, 7d.",
        HelpName = "TIME",
        CustomParser = Read,
    };

    /// <summary>Reads a time; null if it is none.</summary>
    /// <param name="text">The time as it was given.</param>
    /// <param name="now">What "ago" counts from.</param>
    public static DateTimeOffset? Parse(string text, DateTimeOffset now)
    {
        if (SecondsAgo(text) is { } ago) return ago <= now.ToUnixTimeSeconds() ? now.AddSeconds(-ago).ToMicroseconds() : null;
        return Rfc3339.Parse(text) ?? DateOrMinute(text);
    }

    private static DateTimeOffset? Read(ArgumentResult argument)
    {
        var text = argument.Tokens[^1].Value;
        var time = Parse(text, TimeProvider.System.GetUtcNow());
        if (time is null) argument.AddError($"'{text}' is no time: give RFC 3339 (2026-08-26T09:30:00Z), a date (2026-08-26), or how long ago (24h, 7d).");
        return time;
    }

    private static DateTimeOffset? DateOrMinute(string text) =>
        DateTimeOffset.TryParseExact(
            text.ToUpperInvariant(), Formats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time)
            ? time.ToMicroseconds()
            : null;

    private static long? SecondsAgo(string text)
    {
        if (text.Length < 2 || !int.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var count)) return null;
        return text[^1] switch
        {
            's' => count,
            'm' => count * 60L,
            'h' => count * 3_600L,
            'd' => count * 86_400L,
            'w' => count * 604_800L,
            _ => null,
        };
    }
}
