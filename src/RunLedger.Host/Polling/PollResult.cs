using RunLedger.Postgres.Polling;

namespace RunLedger.Host.Polling;

/// <summary>What a poll came to.</summary>
/// <param name="Outcome">In a word.</param>
/// <param name="Settlement">What becomes of the watch.</param>
public sealed record PollResult(PollOutcome Outcome, Settlement Settlement)
{
    /// <summary>Whether the service did not answer as one that is up does; not so where it is just this run that it has nothing good of.</summary>
    public bool UpstreamFailed { get; init; }

    /// <summary>How long the service asks to wait; null if it does not say.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Why the watch is given up although nothing ended; null if it is not.</summary>
    public string? GivenUp { get; init; }

    /// <summary>Why the poll failed; null if it did not.</summary>
    public string? Error => (Settlement as Settlement.Again)?.Error;

    /// <summary>The run has ended.</summary>
    public static PollResult Ended { get; } = new(PollOutcome.Ended, new Settlement.Done());

    /// <summary>The poll was not made.</summary>
    public static PollResult GivenBack { get; } = new(PollOutcome.NotRecorded, new Settlement.GivenBack());

    /// <summary>The watch goes on.</summary>
    public static implicit operator PollResult(Settlement.Again again) => new(again.Outcome, again);

    /// <summary>An answer that tells nothing of what was asked for.</summary>
    public static PollResult OfRefusal(UpstreamAnswer answer, Watch watch, Pace pace) => answer switch
    {
        UpstreamAnswer.NotFound => NotFound(pace.Failed(watch, PollOutcome.NotFound, "answered 404")),
        UpstreamAnswer.RateLimited { RetryAfter: var wait } =>
            (PollResult)pace.Failed(watch, PollOutcome.RateLimited, "answered 429", wait) with { UpstreamFailed = true, RetryAfter = wait },
        UpstreamAnswer.Failure { Reason: var reason, RetryAfter: var wait } =>
            (PollResult)pace.Failed(watch, PollOutcome.Failed, reason, wait) with { UpstreamFailed = true, RetryAfter = wait },
        _ => throw new ArgumentException($"{answer} is no refusal.", nameof(answer)),
    };

    private static PollResult NotFound(Settlement.Again again) => again.Attempts < Pace.TriesWhenNotFound
        ? (PollResult)again
        : new PollResult(PollOutcome.NotFound, new Settlement.Done()) { GivenUp = $"the service answered 404 {again.Attempts} times" };
}
