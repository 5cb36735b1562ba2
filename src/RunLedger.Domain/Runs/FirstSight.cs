using RunLedger.Domain.Observations;

namespace RunLedger.Domain.Runs;

/// <summary>The events of the first observation of a run: what it shows, and what must have happened before.</summary>
internal static class FirstSight
{
    /// <summary>The events, in the order in which they happened.</summary>
    public static IReadOnlyList<RunEvent> Of(Observation observation, CapturedRequest? request)
    {
        var nothing = RunState.New(observation.Snapshot.Id);
        var pending = new PendingChanges(SnapshotFields.Empty.ChangesTo(observation.Snapshot));
        var events = new List<RunEvent>();
        var createdAt = Lifecycle.OccurredAt(observation, "created_at");
        if (request is { Kind: RequestKind.Create }) events.Add(Requests.EventOf(request, createdAt, observation, null, FieldChanges.None));

        var at = RunDecider.At(observation);
        if (observation.Snapshot.Status == "queued") events.Add(new RunQueued(at with { OccurredAt = createdAt }, pending.TakeAll()));
        else
        {
            var configuration = pending.TakeWhere(field => !Lifecycle.Concerns(field));
            events.Add(new RunQueued(at with { OccurredAt = createdAt, Evidence = Evidence.Inferred }, configuration));
        }
        events.AddRange(Transition.Moves(nothing, observation, pending, request is { Kind: RequestKind.Create } ? null : request));

        if (!pending.Left.IsEmpty) events.Add(new RunDetailsChanged(at, pending.TakeAll()));
        var contradictions = Contradictions.Of(null, observation.Snapshot, usageIsNew: true);
        if (!contradictions.IsEmpty) events.Add(new ContradictionObserved(at, contradictions, Withheld: false, FieldChanges.None));
        return events;
    }
}
