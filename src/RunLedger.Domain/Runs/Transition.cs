using System.Text.Json;
using RunLedger.Domain.Observations;

namespace RunLedger.Domain.Runs;

/// <summary>The events of an observation that moves a run of which something is known already.</summary>
internal static class Transition
{
    /// <summary>The events, in the order in which they happened.</summary>
    public static IReadOnlyList<RunEvent> Of(RunState known, Observation observation, FieldChanges changes, CapturedRequest? request)
    {
        var contradictions = Contradictions.Of(known, observation.Snapshot, changes.Contains("usage"));
        var pending = new PendingChanges(changes);
        var events = new List<RunEvent>();
        if (request is { Kind: RequestKind.Create })
        {
            events.Add(Requests.EventOf(request, known.CreatedAt, observation, null, FieldChanges.None));
            request = null;
        }
        events.AddRange(Moves(known, observation, pending, request));

        if (!pending.Left.IsEmpty || events.Count == 0) events.Add(new RunDetailsChanged(RunDecider.At(observation), pending.TakeAll()));
        if (!contradictions.IsEmpty) events.Insert(0, new ContradictionObserved(RunDecider.At(observation), contradictions, Withheld: false, FieldChanges.None));
        return events;
    }

    /// <summary>The events of the run's movement, each taking its fields from what is pending; details that merely changed are left there.</summary>
    public static IEnumerable<RunEvent> Moves(RunState known, Observation observation, PendingChanges pending, CapturedRequest? request)
    {
        if (Modified(known, observation, pending, request) is { } modified) yield return modified;
        if (OutputsSubmitted(known, observation, pending, request) is { } submitted) yield return submitted;
        if (StartMissed(observation, pending) is { } started) yield return started;

        var calls = RunDecider.NewToolCalls(known, observation.Snapshot);
        var waits = observation.Snapshot.Status == "requires_action";
        if (!calls.IsEmpty || (waits && pending.Has("status")))
        {
            var shown = waits ? pending.TakeWhere(Lifecycle.Concerns) : pending.Take("required_action", "output");
            yield return new ToolCallsRequired(RunDecider.At(observation), calls, shown);
        }
        if (pending.Has("status") || (pending.Has("started_at") && observation.Snapshot.Status == "in_progress"))
        {
            var moved = Lifecycle.EventOf(observation, known, FieldChanges.None);
            if (moved is not null) yield return moved with { Changes = pending.TakeWhere(Lifecycle.Concerns) };
        }
    }

    private static RunModified? Modified(RunState known, Observation observation, PendingChanges pending, CapturedRequest? request)
    {
        var captured = request is { Kind: RequestKind.Modify } ? FieldValue.Of(request.Body) : null;
        if (captured is null && (known.Version == 0 || !pending.Has("metadata"))) return null;
        var old = pending.Has("metadata") && known.Fields["metadata"] is { } metadata ? FieldValue.Of(metadata) : null;
        return new RunModified(RunDecider.At(observation), old, captured, pending.Take("metadata"));
    }

    // A run leaves requires_action for the queue, for work or for success only when its tool outputs were submitted.
    private static ToolOutputsSubmitted? OutputsSubmitted(RunState known, Observation observation, PendingChanges pending, CapturedRequest? request)
    {
        var at = RunDecider.At(observation);
        if (request is { Kind: RequestKind.SubmitToolOutputs })
            return new ToolOutputsSubmitted(at, FieldValue.Of(request.Body), TakeAction(observation, pending));
        var status = observation.Snapshot.Status;
        var movedOn = known.Status == "requires_action" && (status is "queued" or "in_progress" or "completed" or "incomplete"
            || (status == "requires_action" && !RunDecider.NewToolCalls(known, observation.Snapshot).IsEmpty));
        return movedOn ? new ToolOutputsSubmitted(at with { Evidence = Evidence.Inferred }, null, TakeAction(observation, pending)) : null;
    }

    private static FieldChanges TakeAction(Observation observation, PendingChanges pending) =>
        observation.Snapshot["required_action"] is { IsNull: false } ? FieldChanges.None : pending.Take("required_action");

    // The run is past its start, and a start that was not seen has left its time.
    private static RunStarted? StartMissed(Observation observation, PendingChanges pending)
    {
        if (observation.Snapshot.Status is "in_progress" or "queued" || pending["started_at"] is not { Kind: JsonValueKind.Number }) return null;
        var at = RunDecider.At(observation) with { OccurredAt = Lifecycle.OccurredAt(observation, "started_at"), Evidence = Evidence.Inferred };
        return new RunStarted(at, pending.Take("started_at"));
    }
}
