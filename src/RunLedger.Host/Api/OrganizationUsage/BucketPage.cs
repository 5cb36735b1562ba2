using RunLedger.Domain.Observations;
using RunLedger.Postgres.Usage;

namespace RunLedger.Host.Api.OrganizationUsage;

/// <summary>
/// The buckets of one page. They are aligned to UTC; of the first of a report only what follows the start is asked for, of the last only what precedes the
/// end, and they say so, as OpenAI's do (OpenAI cookbook, "Completions Usage API Extended Example"). All times are seconds since the epoch.
/// </summary>
/// <param name="Width">How long they are.</param>
/// <param name="Since">Where the page begins.</param>
/// <param name="Until">Where the report ends.</param>
/// <param name="IsOpen">Whether the report ends because it is no later yet, not because it was asked for up to there.</param>
/// <param name="Limit">The most buckets.</param>
internal sealed record BucketPage(BucketWidth Width, long Since, long Until, bool IsOpen, int Limit)
{
    private const long Minute = 60;

    /// <summary>Whether there are none: the report begins in the future.</summary>
    public bool IsEmpty => Since >= Until;

    /// <summary>Where the next page begins; null if this is the last.</summary>
    public BucketCursor? Next => End < Until ? new BucketCursor(Width, End, Until) : null;

    /// <summary>The usage of these buckets. What is dated later than now is in the bucket of now, if only that is asked for.</summary>
    public UsageSeries Series => new(
        Width.Width, Time(Since), Time(IsOpen && Next is null ? Math.Min(Width.EndOf(End - 1), Times.MaxUnixSeconds) : End));

    private long End => Math.Min(Until, Width.StartOf(Since) + Limit * Width.Seconds);

    /// <summary>The first page of a report: from the minute that the start is in, to the end, or to now.</summary>
    public static BucketPage First(BucketWidth width, long start, long? end, DateTimeOffset now, int limit) =>
        new(width, start - start % Minute, end ?? now.ToUnixTimeSeconds() + 1, end is null, limit);

    /// <summary>Where each of the buckets begins and ends.</summary>
    public IEnumerable<(long Start, long End)> Buckets()
    {
        for (var start = Since; start < End; start = Width.EndOf(start)) yield return (start, Math.Min(Width.EndOf(start), End));
    }

    private static DateTimeOffset Time(long seconds) => DateTimeOffset.FromUnixTimeSeconds(seconds);
}
