using RunLedger.Domain.Observations;

namespace RunLedger.Domain.Runs;

/// <summary>All that is recorded of one run, in the order in which it was recorded.</summary>
/// <param name="Id">The run's id.</param>
/// <param name="Events">Its events, versions 1 to n without a gap.</param>
public sealed record RunHistory(RunId Id, IReadOnlyList<RecordedEvent> Events)
{
    /// <summary>The run as last observed.</summary>
    public RunState Current => RunState.Fold(Id, Events.Select(recorded => recorded.Event));

    /// <summary>
    /// The snapshot of the observation that wrote the event of this version: the run as it then was, or for a late or withheld
    /// observation the run as that one showed it. Null if there is no such version.
    /// </summary>
    public SnapshotFields? SnapshotAt(long version)
    {
        if (version < 1 || version > Events.Count) return null;
        var fields = SnapshotFields.Empty;
        for (var i = 0; i < Events.Count; i++)
        {
            var next = Events[i].Event;
            var with = fields.With(next.Changes);
            if (next.Closes is not null && i + 1 >= version) return with;
            if (!next.IsAside) fields = with;
        }
        return fields;
    }

    /// <summary>The snapshot that tells how the run was at a time, late observations of it included. Null before the first.</summary>
    public SnapshotFields? SnapshotAsOf(DateTimeOffset time) =>
        Chronology.InEffectAt(Current.Timeline, time) is { } inEffect ? SnapshotAt(inEffect.Version) : null;
}

/// <summary>An event as it stands in the ledger.</summary>
/// <param name="Position">Its place among all events of the ledger; within a tenant, the order in which they were committed.</param>
/// <param name="Version">Its place among the events of its run, from 1.</param>
/// <param name="RecordedAt">When the ledger appended it. UTC.</param>
/// <param name="Event">What happened.</param>
/// <param name="CorrelationId">What ties it to work elsewhere, if the observer said so.</param>
public sealed record RecordedEvent(long Position, long Version, DateTimeOffset RecordedAt, RunEvent Event, string? CorrelationId);
