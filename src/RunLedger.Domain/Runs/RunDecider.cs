using System.Collections.Immutable;
using RunLedger.Domain.Observations;

namespace RunLedger.Domain.Runs;

/// <summary>Decides which events an observation of a run makes. Pure: the same state and observation give the same events.</summary>
public static class RunDecider
{
    /// <summary>Decides on an observation.</summary>
    /// <param name="state">What is known of the run; null if nothing is.</param>
    /// <param name="observation">What was observed.</param>
    public static Decision Decide(RunState? state, Observation observation)
    {
        var known = state ?? RunState.New(observation.Snapshot.Id);
        var request = observation.Request is { } captured && !known.Requests.Contains(RequestKey.Of(captured.Kind, FieldValue.Of(captured.Body))) ? captured : null;
        if (known.Version == 0) return Recorded(known, FirstSight.Of(observation, request), observation);

        if (Chronology.Recall(known, observation) is { } recalled)
            return request is null ? new Decision(Outcome.Unchanged, [], recalled.Version) : RecordedAlone(known, request, observation, recalled);

        var snapshot = observation.Snapshot;
        var changes = known.Fields.ChangesTo(snapshot);
        if (Contradictions.OfEnd(known, observation) is { } contradiction)
            return Aside(known, new ContradictionObserved(At(observation), [contradiction], Withheld: true, changes), observation, request, Outcome.Recorded);
        if (Chronology.IsLate(known, observation))
            return Late(known, Chronology.PlacedBefore(known, observation), changes, request);

        var moved = Chronology.PlacedAfter(known, observation);
        return Recorded(known, Transition.Of(known, moved, changes, request), moved);
    }

    /// <summary>When the observation was made, for an event that it shows and that the API has no timestamp for.</summary>
    internal static Sighting At(Observation observation) => new(observation.ObservedAt, observation.ObservedAt, Evidence.Seen, observation.Source);

    /// <summary>The tool calls that the snapshot shows and that no observation showed before.</summary>
    internal static ImmutableArray<ToolCall> NewToolCalls(RunState known, Snapshot snapshot)
    {
        var shown = ToolCall.Read(snapshot["required_action"], snapshot["output"]);
        return shown.IsEmpty ? shown : [.. shown.Where(call => !known.ToolCalls.ContainsKey(call.Id)).DistinctBy(call => call.Id)];
    }

    private static Decision Recorded(RunState known, IEnumerable<RunEvent> events, Observation observation, Outcome outcome = Outcome.Recorded)
    {
        var closed = events.ToArray();
        closed[^1] = closed[^1] with { Closes = observation.Snapshot.Digest };
        return new(outcome, closed, known.Version + closed.Length);
    }

    private static Decision Late(RunState known, Observation observation, FieldChanges changes, CapturedRequest? request)
    {
        var late = new LateObservationRecorded(At(observation), NewToolCalls(known, observation.Snapshot), changes)
        {
            SeenAgainAt = Chronology.SeenAgainAfter(known, observation),
        };
        return Aside(known, late, observation, request, Outcome.Late);
    }

    // The snapshot does not move the run, but a request that it answered happened all the same.
    private static Decision Aside(RunState known, RunEvent aside, Observation observation, CapturedRequest? request, Outcome outcome) => request is null
        ? Recorded(known, [aside], observation, outcome)
        : Recorded(known, [Requests.EventOf(request, known.CreatedAt, observation, null, FieldChanges.None), aside], observation, outcome);

    // The snapshot is known already, the request that it answered is not.
    private static Decision RecordedAlone(RunState known, CapturedRequest request, Observation observation, RecordedObservation recalled)
    {
        if (observation.Basis == TimeBasis.Assumed) observation = observation with { ObservedAt = recalled.ObservedAt };
        var requestEvent = Requests.EventOf(request, known.CreatedAt, observation, null, FieldChanges.None) with
        {
            Closes = known.CurrentDigest,
            Answered = recalled.Version,
        };
        return new Decision(Outcome.Recorded, [requestEvent], known.CurrentDigest == observation.Snapshot.Digest ? known.Version + 1 : recalled.Version);
    }
}

/// <summary>What follows from an observation.</summary>
/// <param name="Outcome">What became of it.</param>
/// <param name="Events">The events to append; none if it showed nothing new.</param>
/// <param name="Version">The version of the run's stream at which the observed snapshot is given back.</param>
public sealed record Decision(Outcome Outcome, IReadOnlyList<RunEvent> Events, long Version);

/// <summary>What became of an observation.</summary>
public enum Outcome
{
    /// <summary>It showed something new, and events record it.</summary>
    Recorded,

    /// <summary>It showed nothing new.</summary>
    Unchanged,

    /// <summary>It is older than what was known, and is kept as such.</summary>
    Late,

    /// <summary>It cannot be recorded as it is, and is kept in quarantine.</summary>
    Quarantined,
}
