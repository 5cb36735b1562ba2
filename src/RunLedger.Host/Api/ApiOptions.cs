using System.Globalization;

namespace RunLedger.Host.Api;

/// <summary>The settings section <c>Api</c>.</summary>
public sealed record ApiOptions
{
    private const long LargestPossible = 1024 * 1024 * 1024;
    private const long MostPossible = 100_000_000;

    /// <summary>The largest body of observations, in bytes, decompressed; 256 MiB.</summary>
    public long LargestBody { get; init; } = 256 * 1024 * 1024;

    /// <summary>The most items that a body of observations may have, the elements of list objects counted; 200,000.</summary>
    public int MostItems { get; init; } = 200_000;

    /// <summary>How long the event feed is silent at most; 15 seconds.</summary>
    public TimeSpan Heartbeat { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Reads the section.</summary>
    /// <exception cref="InvalidOperationException">A setting cannot be read; the message names it.</exception>
    public static ApiOptions Read(IConfiguration settings)
    {
        var usual = new ApiOptions();
        return new ApiOptions
        {
            LargestBody = settings["Api:LargestBody"] is { } size ? ReadNumber("Api:LargestBody", size, "bytes", LargestPossible) : usual.LargestBody,
            MostItems = settings["Api:MostItems"] is { } count ? (int)ReadNumber("Api:MostItems", count, "items", MostPossible) : usual.MostItems,
            Heartbeat = settings["Api:Heartbeat"] is { } time ? ReadTime(time) : usual.Heartbeat,
        };
    }

    private static long ReadNumber(string name, string given, string unit, long most) =>
        long.TryParse(given, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= 1 && number <= most
            ? number
            : throw new InvalidOperationException($"{name} is '{given}', not a number of {unit} from 1 to {most}.");

    private static TimeSpan ReadTime(string given) =>
        TimeSpan.TryParse(given, CultureInfo.InvariantCulture, out var time) && time >= TimeSpan.FromMilliseconds(10) && time <= TimeSpan.FromHours(1)
            ? time
            : throw new InvalidOperationException($"Api:Heartbeat is '{given}', not a time from 00:00:00.01 to 01:00:00.");
}
