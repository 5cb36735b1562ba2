namespace RunLedger.Host.Proxy.Copying;

/// <summary>
/// Counts what passed and was not observed, and says so in the log: the first time at once, and as long as it goes on once a minute, with how much it was.
/// </summary>
internal sealed class UnobservedTraffic(TimeProvider clock, ILogger<UnobservedTraffic> logger)
{
    private static readonly TimeSpan BetweenLines = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly Dictionary<MissReason, Tally> _tallies = [];

    /// <summary>Counts something that was not observed.</summary>
    /// <param name="reason">Why.</param>
    /// <param name="passage">The request that it belongs to.</param>
    /// <param name="count">How many bodies or events it is.</param>
    /// <param name="cause">What failed; null where nothing did.</param>
    public void Add(MissReason reason, Passage passage, int count = 1, Exception? cause = null)
    {
        ProxyMetrics.Missed(reason, count);
        long untold;
        lock (_gate)
        {
            if (!_tallies.TryGetValue(reason, out var tally)) _tallies[reason] = tally = new Tally();
            tally.Untold += count;
            if (tally.ToldAt is { } toldAt && clock.GetElapsedTime(toldAt) < BetweenLines) return;
            untold = tally.Untold;
            (tally.Untold, tally.ToldAt) = (0, clock.GetTimestamp());
        }
        logger.LogWarning(cause, "{Count} bodies or events passed and were not observed, at last of {Request}: {Reason}.", untold, passage, InWords(reason));
    }

    /// <summary>Says what has been counted and not said yet.</summary>
    public void TellRest()
    {
        lock (_gate)
        {
            foreach (var (reason, tally) in _tallies.Where(tally => tally.Value.Untold > 0))
            {
                logger.LogWarning("{Count} more bodies or events passed and were not observed: {Reason}.", tally.Untold, InWords(reason));
                tally.Untold = 0;
            }
        }
    }

    private static string InWords(MissReason reason) => reason switch
    {
        MissReason.TooLarge => "larger than Proxy:LargestCopy",
        MissReason.NoRoom => "what waits to be recorded takes all that Proxy:MostWaiting allows",
        MissReason.BrokenOff => "did not pass whole",
        MissReason.Undecodable => "not compressed in a way that is known here",
        _ => "not recorded by the ledger",
    };

    private sealed class Tally
    {
        public long Untold { get; set; }

        public long? ToldAt { get; set; }
    }
}
