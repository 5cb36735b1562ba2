using RunLedger.Domain.Json;
using RunLedger.Domain.Observations;
using RunLedger.Domain.Runs;

namespace RunLedger.Host.CommandLine.Exporting;

/// <summary>The observations that a history tells of: recorded anew in this order, they make the same events.</summary>
internal static class RecordedObservations
{
    /// <summary>
    /// Every observation that wrote events, in the order in which they were recorded; folded once, so that long histories cost what they
    /// are long.
    /// </summary>
    /// <param name="history">The run's history.</param>
    /// <param name="contents">Gives the large values that its events refer to.</param>
    /// <exception cref="InvalidDataException">A snapshot of the history is none by today's rules.</exception>
    public static IEnumerable<Observation> Of(RunHistory history, Func<ContentReference, JsonText> contents)
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
                var shown = request is not null && next.Changes.IsEmpty && digest == current ? KnownThen(history, recorded) ?? with : with;
                yield return Observed(shown.ToJson(contents), recorded, request);
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

    // A request that came with a snapshot known before stands alone: what it answered is how the run was at that time.
    private static SnapshotFields? KnownThen(RunHistory history, RecordedEvent recorded) =>
        new RunHistory(history.Id, [.. history.Events.Take((int)recorded.Version - 1)]).SnapshotAsOf(recorded.Event.Sighting.ObservedAt);

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
