using RunLedger.Postgres.Polling;

namespace RunLedger.Host.Polling;

/// <summary>
/// When a watch is polled next: soon after something changed, ever later while nothing does, and ever later while polls fail. Pauses vary at
/// random, so that what was added together is not polled together for ever.
/// </summary>
public sealed class Pace(UpstreamOptions upstream, Random random)
{
    /// <summary>How many times a run is asked for that the service says it does not have.</summary>
    public const int TriesWhenNotFound = 5;

    private const double Growth = 1.5;
    private const int LongestError = 500;

    // Whoever has to act takes his time, and a change is only waited for.
    private const double PatienceWhenActionIsRequired = 4;

    private readonly Lock _gate = new();

    /// <summary>After a poll that showed something new.</summary>
    public Settlement.Again Changed(bool requiresAction = false, string? listedTo = null) =>
        new(Varied(upstream.PollInterval * (requiresAction ? PatienceWhenActionIsRequired : 1), 0.9, 1.1), PollOutcome.Changed, 0, null, listedTo);

    /// <summary>After a poll that showed nothing new.</summary>
    public Settlement.Again Unchanged(Watch watch, bool requiresAction = false, string? listedTo = null)
    {
        var shortest = upstream.PollInterval * (requiresAction ? PatienceWhenActionIsRequired : 1);
        var pause = watch.Pause * Growth > shortest ? watch.Pause * Growth : shortest;
        return new(Varied(pause, 0.9, 1.1), PollOutcome.Unchanged, 0, null, listedTo);
    }

    /// <summary>After a poll that failed: exponentially later with every one that fails in the same way.</summary>
    public Settlement.Again Failed(Watch watch, PollOutcome outcome, string error, TimeSpan? retryAfter = null)
    {
        var attempts = watch.LastOutcome == outcome ? watch.Attempts + 1 : 1;
        var pause = Varied(upstream.PollInterval * Math.Pow(2, Math.Min(attempts, 20)), 0.5, 1);
        var shown = error.Length > LongestError ? error[..LongestError] : error;
        return new(retryAfter > pause ? retryAfter.Value : pause, outcome, attempts, shown, null);
    }

    private TimeSpan Varied(TimeSpan pause, double least, double most)
    {
        double fraction;
        lock (_gate) fraction = random.NextDouble();
        var capped = pause < upstream.LongestPause ? pause : upstream.LongestPause;
        return capped * (least + fraction * (most - least));
    }
}
