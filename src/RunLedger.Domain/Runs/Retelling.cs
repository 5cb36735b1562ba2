using RunLedger.Domain.Json;
using RunLedger.Domain.Observations;

namespace RunLedger.Domain.Runs;

/// <summary>The observations that a history tells of: recorded anew in this order, they make the same events.</summary>
public static class Retelling
{
    /// <summary>
    /// Every observation of which events tell, in the order in which they were recorded; folded once, so that long histories cost what they
    /// are long.
    /// </summary>
    /// <param name="history">The run's history.</param>
    /// <param name="contents">Gives the large values that its events refer to.</param>
    /// <exception cref="InvalidDataException">A snapshot of the history is none by today's rules.</exception>
    public static IEnumerable<RetoldObservation> Of(RunHistory history, Func<ContentReference, JsonText> contents)
    {
        var fields = SnapshotFields.Empty;
        CapturedRequest? request = null;
        Digest? current = null;
        foreach (var recorded in history.Events)
        {
            var next = recorded.Event;
            var with = fields.With(next.Changes);
            request = RequestOf(next, contents) ?? request;
            if (next.Closes is { } digest)
            {
                // That the run was seen again is what made this observation an older one.
                if (next is LateObservationRecorded { SeenAgainAt: { } seenAgainAt })
                    yield return new(Observed(fields.ToJson(contents), recorded, null) with { ObservedAt = seenAgainAt }, recorded.Version);
                var standsAlone = request is not null && !next.IsAside && next.Changes.IsEmpty && digest == current;
                yield return new(Observed((standsAlone ? Answered(history, recorded) : with).ToJson(contents), recorded, request), recorded.Version);
                request = null;
                if (!next.IsAside) current = digest;
            }
            if (!next.IsAside) fields = with;
        }
    }

    private static Observation Observed(JsonText json, RecordedEvent closing, CapturedRequest? request)
    {
        var read = Snapshot.Read(json.Utf8);
        var snapshot = read.Value
            ?? throw new InvalidDataException($"What was recorded at position {closing.Position} is no snapshot by today's rules: {read.Defect}");
        var (sighting, correlationId) = (closing.Event.Sighting, closing.CorrelationId);
        return new Observation(snapshot, sighting.ObservedAt, TimeBasis.Stated, sighting.Source) { Request = request, CorrelationId = correlationId };
    }

    // A request that was answered with a snapshot that was known stands alone. Where it does not tell with which, it was one of that time.
    private static SnapshotFields Answered(RunHistory history, RecordedEvent request)
    {
        if (request.Event.Answered is { } version && history.SnapshotAt(version) is { } told) return told;
        var before = new RunHistory(history.Id, [.. history.Events.Take((int)request.Version - 1)]);
        return before.SnapshotAsOf(request.Event.Sighting.ObservedAt) ?? before.SnapshotAt(before.Current.Timeline[0].Version)!;
    }

    private static CapturedRequest? RequestOf(RunEvent next, Func<ContentReference, JsonText> contents) => next switch
    {
        RunRequested { Request: var body } => new CapturedRequest(RequestKind.Create, Text(body, contents)),
        ToolOutputsSubmitted { Request: { } body } => new CapturedRequest(RequestKind.SubmitToolOutputs, Text(body, contents)),
        RunModified { Request: { } body } => new CapturedRequest(RequestKind.Modify, Text(body, contents)),
        _ => null,
    };

    private static JsonText Text(FieldValue value, Func<ContentReference, JsonText> contents) =>
        value.Text ?? contents(((FieldValue.Large)value).Reference);
}

/// <summary>An observation of which a history tells.</summary>
/// <param name="Observation">The observation.</param>
/// <param name="ToldAt">The version of the event that tells of it.</param>
public readonly record struct RetoldObservation(Observation Observation, long ToldAt);
