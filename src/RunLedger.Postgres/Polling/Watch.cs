using RunLedger.Domain.Observations;

namespace RunLedger.Postgres.Polling;

/// <summary>What is polled: a run until it ends, or a thread for runs.</summary>
/// <param name="Tenant">The tenant that observations are recorded for.</param>
/// <param name="Upstream">The name of the service that has it.</param>
/// <param name="ThreadId">The thread.</param>
/// <param name="RunId">The run; empty for the thread itself.</param>
public readonly record struct WatchKey(TenantId Tenant, string Upstream, string ThreadId, string RunId)
{
    /// <summary>Whether this is the thread itself: its runs are listed, and those that have not ended are watched.</summary>
    public bool IsThread => RunId.Length == 0;

    /// <inheritdoc/>
    public override string ToString() => IsThread ? $"{Upstream}: {ThreadId}" : $"{Upstream}: {ThreadId}/{RunId}";
}

/// <summary>A watch whose turn it is.</summary>
/// <param name="Key">What to poll.</param>
/// <param name="Pause">The pause that was made before this poll; zero before the first.</param>
/// <param name="Attempts">How many polls in a row failed in the way of <paramref name="LastOutcome"/>.</param>
/// <param name="LastOutcome">What the last poll came to; null before the first.</param>
/// <param name="ListedTo">The newest run of a thread when it was last listed to its end; null before that.</param>
/// <param name="Overdue">How long ago it became due.</param>
public sealed record Watch(WatchKey Key, TimeSpan Pause, int Attempts, PollOutcome? LastOutcome, string? ListedTo, TimeSpan Overdue)
{
    /// <summary>Whether a run is the one of <see cref="ListedTo"/>, which may be kept as what a column can hold of its id.</summary>
    public bool IsListedTo(string? run) => ListedTo is not null && run is not null && QueryParameter.Holdable(run) == QueryParameter.Holdable(ListedTo);
}

/// <summary>What a poll came to.</summary>
public enum PollOutcome
{
    /// <summary>The ledger learnt something new.</summary>
    Changed,

    /// <summary>It showed nothing new.</summary>
    Unchanged,

    /// <summary>The run has ended; it is polled no more.</summary>
    Ended,

    /// <summary>The service says that there is no such run or thread.</summary>
    NotFound,

    /// <summary>The service asked to wait.</summary>
    RateLimited,

    /// <summary>The service failed, refused, or did not answer in time.</summary>
    Failed,

    /// <summary>The answer is no run, and is in quarantine.</summary>
    Unreadable,

    /// <summary>The ledger could not record the answer.</summary>
    NotRecorded,
}

/// <summary>What becomes of a watch after its turn.</summary>
public abstract record Settlement
{
    private Settlement()
    {
    }

    /// <summary>It is polled again.</summary>
    /// <param name="Pause">When, from now.</param>
    /// <param name="Outcome">What the poll came to.</param>
    /// <param name="Attempts">How many polls in a row failed like this one; 0 if it did not fail.</param>
    /// <param name="Error">Why it failed; null if it did not.</param>
    /// <param name="ListedTo">The newest run of the thread, now that it was listed to its end; null leaves what is known.</param>
    public sealed record Again(TimeSpan Pause, PollOutcome Outcome, int Attempts, string? Error, string? ListedTo) : Settlement;

    /// <summary>It is not polled any more.</summary>
    public sealed record Done : Settlement;

    /// <summary>It was not polled, and is due as before.</summary>
    public sealed record GivenBack : Settlement;
}
