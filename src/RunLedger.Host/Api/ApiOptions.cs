using System.Globalization;

namespace RunLedger.Host.Api;

/// <summary>The settings section <c>Api</c>.</summary>
public sealed record ApiOptions
{
    private const long LargestPossible = 1024 * 1024 * 1024;

    /// <summary>The largest body of observations, in bytes, decompressed; 256 MiB.</summary>
    public long LargestBody { get; init; } = 256 * 1024 * 1024;

    /// <summary>How long the event feed is silent at most; 15 seconds.</summary>
    public TimeSpan Heartbeat { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Reads the section.</summary>
    /// <exception cref="InvalidOperationException">A setting cannot be read; the message names it.</exception>
    public static ApiOptions Read(IConfiguration settings)
    {
        var usual = new ApiOptions();
        return new ApiOptions
        {
            LargestBody = settings["Api:LargestBody"] is { } size ? ReadSize(size) : usual.LargestBody,
            Heartbeat = settings["Api:Heartbeat"] is { } time ? ReadTime(time) : usual.Heartbeat,
        };
    }

    private static long ReadSize(string given) =>
        long.TryParse(given, NumberStyles.None, CultureInfo.InvariantCulture, out var largest) && largest is >= 1 and <= LargestPossible
            ? largest
            : throw new InvalidOperationException($"Api:LargestBody is '{given}', not a number of bytes from 1 to {LargestPossible}.");

    private static TimeSpan ReadTime(string given) =>
        TimeSpan.TryParse(given, CultureInfo.InvariantCulture, out var time) && time >= TimeSpan.FromMilliseconds(10) && time <= TimeSpan.FromHours(1)
            ? time
            : throw new InvalidOperationException($"Api:Heartbeat is '{given}', not a time from 00:00:00.01 to 01:00:00.");
}
