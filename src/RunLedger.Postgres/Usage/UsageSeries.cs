namespace RunLedger.Postgres.Usage;

/// <summary>How long the stretches of time are that usage is summed by, aligned to UTC.</summary>
public enum UsageWidth
{
    /// <summary>A minute.</summary>
    Minute,

    /// <summary>An hour.</summary>
    Hour,

    /// <summary>A day.</summary>
    Day,
}

/// <summary>Which usage to sum by stretches of time.</summary>
/// <param name="Width">How long a stretch is.</param>
/// <param name="Since">The earliest time. UTC.</param>
/// <param name="Until">The time before which usage counts. UTC.</param>
public sealed record UsageSeries(UsageWidth Width, DateTimeOffset Since, DateTimeOffset Until)
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    /// <summary>The models to count; null for all.</summary>
    public IReadOnlyCollection<string>? Models { get; init; }

    /// <summary>Whether each model has a sum of its own.</summary>
    public bool ByModel { get; init; }

    /// <summary>The hours whose buckets cannot answer: those of which only a part is asked for, or all if minutes are.</summary>
    internal IEnumerable<DateTimeOffset> PartedHours()
    {
        var first = HourOf(Since);
        return Enumerable.Range(0, (int)Math.Ceiling((Until - first) / Hour)).Select(n => first + n * Hour)
            .Where(hour => Width == UsageWidth.Minute || hour < Since || Until - hour < Hour);
    }

    private static DateTimeOffset HourOf(DateTimeOffset time) => new(time.UtcTicks - time.UtcTicks % TimeSpan.TicksPerHour, TimeSpan.Zero);
}

/// <summary>What ended in a stretch of time, and the tokens that count there.</summary>
/// <param name="Start">When the stretch begins, the whole one, even if only a part of it was asked for. UTC.</param>
/// <param name="Model">The model, empty for runs that name none; null in sums of all models.</param>
/// <param name="Ended">How many runs ended, however they did.</param>
/// <param name="Prompt">Input tokens, cached ones included.</param>
/// <param name="Completion">Output tokens, reasoning included.</param>
/// <param name="Cached">Input tokens that were read from a cache.</param>
public sealed record UsageSum(DateTimeOffset Start, string? Model, long Ended, long Prompt, long Completion, long Cached);
