using System.Collections.Immutable;
using RunLedger.Domain.Json;
using RunLedger.Domain.Observations;

namespace RunLedger.Domain.Runs;

/// <summary>What is older and what is newer: by the stated times where there are any, else by what the snapshots show.</summary>
internal static class Chronology
{
    private static readonly TimeSpan Microsecond = TimeSpan.FromMicroseconds(1);
    private static readonly string[] HappenedAt = ["created_at", "started_at", "cancelled_at", "failed_at", "completed_at"];

    /// <summary>The observation that is in the record already and is this one, or shows the run as this one does at its time; null if this one is new.</summary>
    public static RecordedObservation? Recall(RunState known, Observation observation)
    {
        var digest = observation.Snapshot.Digest;
        RecordedObservation? withheld = null;
        for (var i = known.Timeline.Length - 1; i >= 0; i--)
        {
            var recorded = known.Timeline[i];
            if (recorded.Digest != digest) continue;
            if (observation.Basis == TimeBasis.Assumed || recorded.ObservedAt == observation.ObservedAt) return recorded;
            if (recorded.Standing == Standing.Withheld && recorded.ObservedAt < observation.ObservedAt) withheld ??= recorded;
        }
        if (observation.Basis == TimeBasis.Assumed) return null;
        return InEffectAt(known.Timeline, observation.ObservedAt) is { } inEffect && inEffect.Digest == digest ? inEffect : withheld;
    }

    /// <summary>Whether the observation is older than what is known. The end of a run is final, so that it is never too late to learn of it.</summary>
    public static bool IsLate(RunState known, Observation observation) =>
        (known.HasEnded || !RunStatuses.IsTerminal(observation.Snapshot.Status))
        && (SeenAgainAfter(known, observation) is not null
            || (observation.Basis == TimeBasis.Stated && observation.ObservedAt != known.LastObservedAt
                ? observation.ObservedAt < known.LastObservedAt
                : IsOlderByContent(known, observation.Snapshot)));

    /// <summary>
    /// When the run was seen again as it is known, after an observation that is as new as what is recorded was made: that alone makes it an older one.
    /// Null if it was not.
    /// </summary>
    public static DateTimeOffset? SeenAgainAfter(RunState known, Observation observation) =>
        observation.Basis == TimeBasis.Stated && observation.ObservedAt >= known.LastObservedAt && observation.ObservedAt < known.SeenAgainAt
            ? known.SeenAgainAt
            : null;

    /// <summary>A late observation at a time before what is known, where its own is only assumed: that of the newest timestamp in it.</summary>
    public static Observation PlacedBefore(RunState known, Observation observation)
    {
        if (observation.Basis == TimeBasis.Stated) return observation;
        var shown = DateTimeOffset.FromUnixTimeSeconds(NewestTimestamp(name => observation.Snapshot[name]));
        return observation with { ObservedAt = shown < known.LastObservedAt ? shown : JustBefore(known.LastObservedAt) };
    }

    /// <summary>An observation that moves the run at a time after what is known, where its own is only assumed.</summary>
    public static Observation PlacedAfter(RunState known, Observation observation) =>
        observation.Basis == TimeBasis.Assumed && observation.ObservedAt <= known.LastObservedAt
            ? observation with { ObservedAt = JustAfter(known.LastObservedAt) }
            : observation;

    /// <summary>
    /// The observation that tells how the run was at a time: the last one made until then, and once one of them showed the end, the last that
    /// did. Null before the first.
    /// </summary>
    public static RecordedObservation? InEffectAt(ImmutableArray<RecordedObservation> timeline, DateTimeOffset time)
    {
        RecordedObservation? inEffect = null;
        foreach (var recorded in timeline)
        {
            if (recorded.ObservedAt > time) break;
            if (recorded.Standing != Standing.Withheld && (recorded.ShowsEnd || inEffect is not { ShowsEnd: true })) inEffect = recorded;
        }
        return inEffect;
    }

    /// <summary>The newest of the API's own timestamps in some fields, in seconds since the epoch.</summary>
    public static long NewestTimestamp(Func<string, JsonText?> field) => HappenedAt.Max(name => field(name)?.AsInt64() ?? 0);

    // A run that has ended does not come alive, a start is not undone, nor a cancellation, a usage is not taken back, and no timestamp that was there was made
    // later than a newer one.
    private static bool IsOlderByContent(RunState known, Snapshot snapshot)
    {
        if (known.HasEnded && !RunStatuses.IsTerminal(snapshot.Status)) return true;
        if (known.Status == "cancelling" && snapshot.Status is "queued" or "in_progress" or "requires_action") return true;
        if (known.HasEnded && known.Fields["usage"] is { IsNull: false } && snapshot["usage"] is not { IsNull: false }) return true;
        var (knownStart, start) = (known.Fields["started_at"]?.AsInt64(), snapshot["started_at"]?.AsInt64());
        return (knownStart is not null && (start is null || start < knownStart))
            || NewestTimestamp(name => snapshot[name]) < NewestTimestamp(name => known.Fields[name]);
    }

    // An observation may state any time, the first and the last that there are included; what cannot stand beside these stands at them.
    private static DateTimeOffset JustBefore(DateTimeOffset time) =>
        time - DateTimeOffset.MinValue < Microsecond ? time : time - Microsecond;

    private static DateTimeOffset JustAfter(DateTimeOffset time) =>
        DateTimeOffset.MaxValue - time < Microsecond ? time : time + Microsecond;
}
