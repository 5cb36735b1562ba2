using RunLedger.Domain.Observations;

namespace RunLedger.Domain.Capture;

/// <summary>How items become observations.</summary>
/// <param name="Source">The way that they came, for those that do not say it, e.g. <c>push</c> or <c>import</c>; at most 64 characters.</param>
public sealed record CaptureOptions(string Source)
{
    /// <summary>
    /// The time to assume for snapshots whose time nobody stated, e.g. that of receipt; null to assume the newest of the API's own timestamps
    /// in each.
    /// </summary>
    public DateTimeOffset? ObservedAt { get; init; }

    /// <summary>Whether <see cref="ObservedAt"/> is stated: known to be when the snapshots were seen, though not by them.</summary>
    public bool IsStated { get; init; }

    /// <summary>Whether an item may be a recorded HTTP exchange, whose answer is then read for snapshots.</summary>
    public bool AllowExchanges { get; init; }

    /// <summary>The elements of a list beyond which no more are read than the one that shows that there are too many; null to read all.</summary>
    public int? MostParts { get; init; }

    /// <summary>The snapshots read last, so that of the next ones only what differs is read; null to read all of each.</summary>
    public RecentSnapshots? Recent { get; init; }

    /// <summary>The correlation id of observations that state none.</summary>
    public string? CorrelationId { get; init; }
}
