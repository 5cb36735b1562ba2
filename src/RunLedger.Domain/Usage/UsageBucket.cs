using System.Collections.Immutable;
using RunLedger.Domain.Runs;

namespace RunLedger.Domain.Usage;

/// <summary>What usage is summed by: the hour in which a run ended (in which it was created while it has not), and whose it is.</summary>
/// <param name="Hour">The start of the hour. UTC.</param>
/// <param name="Model">The model; empty if the run names none.</param>
/// <param name="AssistantId">The assistant; empty if the run names none.</param>
/// <param name="Kind">The API's object: <c>thread.run</c> or <c>response</c>.</param>
/// <param name="Dimensions">The values of the dimensions that the settings name.</param>
public readonly record struct UsageKey(DateTimeOffset Hour, string Model, string AssistantId, string Kind, DimensionValues Dimensions = default);

/// <summary>What a bucket holds: how many runs by outcome, and the tokens that they used.</summary>
/// <param name="Runs">All runs.</param>
/// <param name="Completed">Those that completed.</param>
/// <param name="Failed">Those that failed.</param>
/// <param name="Cancelled">Those that were cancelled.</param>
/// <param name="Incomplete">Those that ended at a limit.</param>
/// <param name="Expired">Those that expired.</param>
/// <param name="Tokens">The tokens of all of them.</param>
public readonly record struct UsageAmounts(long Runs, long Completed, long Failed, long Cancelled, long Incomplete, long Expired, TokenUsage Tokens)
{
    /// <summary>Adds each amount.</summary>
    public static UsageAmounts operator +(UsageAmounts x, UsageAmounts y) => new(
        x.Runs + y.Runs, x.Completed + y.Completed, x.Failed + y.Failed, x.Cancelled + y.Cancelled, x.Incomplete + y.Incomplete, x.Expired + y.Expired,
        x.Tokens + y.Tokens);

    /// <summary>Takes each amount away.</summary>
    public static UsageAmounts operator -(UsageAmounts x) => default(UsageAmounts) with
    {
        Runs = -x.Runs,
        Completed = -x.Completed,
        Failed = -x.Failed,
        Cancelled = -x.Cancelled,
        Incomplete = -x.Incomplete,
        Expired = -x.Expired,
        Tokens = default(TokenUsage) - x.Tokens,
    };

    /// <summary>The sum of two amounts.</summary>
    public static UsageAmounts Add(UsageAmounts left, UsageAmounts right) => left + right;

    /// <summary>The amounts with the opposite sign.</summary>
    public static UsageAmounts Negate(UsageAmounts item) => -item;
}

/// <summary>What one run adds to the usage report: exactly one bucket has it, and when the run changes it is taken away there and added anew.</summary>
public static class UsageContribution
{
    /// <summary>The version of this derivation. It goes up with every change after which the same runs make other buckets.</summary>
    public const int Version = 2;

    /// <summary>The bucket of a run and what it adds to it, where usage is kept by no configured dimension.</summary>
    public static (UsageKey Key, UsageAmounts Amounts) Of(RunView run) => Of(run, [], Version);

    /// <summary>The bucket of a run and what it adds to it.</summary>
    /// <param name="run">The run.</param>
    /// <param name="dimensions">The dimensions that usage is kept by.</param>
    /// <param name="version">The version of the derivation.</param>
    public static (UsageKey Key, UsageAmounts Amounts) Of(RunView run, ImmutableArray<ConfiguredDimension> dimensions, int version)
    {
        var time = (run.EndedAt ?? run.CreatedAt).UtcDateTime;
        var hour = new DateTimeOffset(time.Year, time.Month, time.Day, time.Hour, 0, 0, TimeSpan.Zero);
        return (
            new UsageKey(hour, run.Model ?? "", run.AssistantId ?? "", run.Kind, DimensionValues.Of(run, dimensions, LongestValue(dimensions.Length, version))),
            new UsageAmounts(
                1,
                Count(run.Status == "completed"),
                Count(run.Status == "failed"),
                Count(run.Status == "cancelled"),
                Count(run.Status == "incomplete"),
                Count(run.Status == "expired"),
                Counted(run.Usage ?? default, version)));
    }

    // What was read from a cache is a part of the prompt, so that it costs less: whatever more is stated is none.
    private static TokenUsage Counted(TokenUsage stated, int version) => version < 2 ? stated : stated with { Cached = Math.Min(stated.Cached, stated.Prompt) };

    /// <summary>How long the value of a dimension may be, in bytes of UTF-8: version 1 leaves all as they are.</summary>
    public static int LongestValue(int dimensions, int version) => version < 2 ? int.MaxValue : DimensionValue.LongestOf(dimensions);

    private static long Count(bool outcome) => outcome ? 1 : 0;
}
