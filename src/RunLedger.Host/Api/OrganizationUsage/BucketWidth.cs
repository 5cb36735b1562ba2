using RunLedger.Postgres.Usage;

namespace RunLedger.Host.Api.OrganizationUsage;

/// <summary>How long the buckets of a report are, and how many of them a page has.</summary>
/// <param name="Name">Its name in requests.</param>
/// <param name="Width">The same for the reader.</param>
/// <param name="Seconds">How long, in seconds.</param>
/// <param name="StandardLimit">How many buckets a page has unless the request says so.</param>
/// <param name="LargestLimit">How many it may have.</param>
internal sealed record BucketWidth(string Name, UsageWidth Width, long Seconds, int StandardLimit, int LargestLimit)
{
    private static readonly BucketWidth[] All =
    [
        new("1m", UsageWidth.Minute, 60, 60, 1_440),
        new("1h", UsageWidth.Hour, 3_600, 24, 168),
        new("1d", UsageWidth.Day, 86_400, 7, 31),
    ];

    /// <summary>The width of a name; null if there is none.</summary>
    public static BucketWidth? Named(string name) => Array.Find(All, width => width.Name == name);

    /// <summary>Where the bucket that a time is in begins, if all of it is asked for. Seconds since the epoch.</summary>
    public long StartOf(long time) => time - time % Seconds;

    /// <summary>Where the bucket that a time is in ends, if all of it is asked for. Seconds since the epoch.</summary>
    public long EndOf(long time) => StartOf(time) + Seconds;
}
