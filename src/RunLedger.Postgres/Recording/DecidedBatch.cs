using RunLedger.Domain.Observations;
using RunLedger.Domain.Runs;
using RunLedger.Postgres.Replay;

namespace RunLedger.Postgres.Recording;

/// <summary>A batch while it is decided: submission by submission, each on the state that the ones before it leave.</summary>
/// <param name="runs">The runs that the batch is about.</param>
/// <param name="views">What the ledger's views are derived by.</param>
/// <param name="recordedAt">When the batch is recorded. UTC.</param>
internal sealed class DecidedBatch(IReadOnlyDictionary<RunKey, TrackedRun> runs, LiveViews views, DateTimeOffset recordedAt)
{
    /// <summary>What is to be appended.</summary>
    public AppendBatch Append { get; } = new() { RecordedAt = recordedAt, ViewEpoch = views.Epoch };

    /// <summary>Decides on a submission and gives the receipt that it will get once the batch is committed.</summary>
    public Receipt Decide(Submission submission)
    {
        if (submission is Submission.Rejected { Item: var item, Run: var named })
        {
            Append.Quarantine.Add(item);
            return new Receipt(named, Outcome.Quarantined, null, [], item.Defect);
        }
        var (tenant, observation, _) = (Submission.Observed)submission;
        observation = Holdable(observation);
        var run = runs[new RunKey(tenant, observation.Snapshot.Id)];
        if (run.IsShownAgainBy(observation))
        {
            run.SeeAgain(observation);
            return new Receipt(run.Key.Run, Outcome.Unchanged, run.CurrentVersion, [], null);
        }

        var decision = RunDecider.Decide(run.State, observation);
        foreach (var next in decision.Events) Add(run, next, observation.CorrelationId);
        run.SeeAgain(observation);
        return new Receipt(run.Key.Run, decision.Outcome, decision.Version, Aliases(decision.Events), null);
    }

    /// <summary>
    /// The observation as columns can hold it: what stands beside the snapshot is no part of what is promised to be given back exactly.
    /// </summary>
    public static Observation Holdable(Observation observation)
    {
        var (source, correlationId) = (QueryParameter.Holdable(observation.Source), observation.CorrelationId is { } id ? QueryParameter.Holdable(id) : null);
        return ReferenceEquals(source, observation.Source) && ReferenceEquals(correlationId, observation.CorrelationId)
            ? observation
            : observation with { Source = source, CorrelationId = correlationId };
    }

    /// <summary>Works out the view changes, once all is decided.</summary>
    public void Conclude()
    {
        foreach (var run in runs.Values)
        {
            if (!run.HasMoved) continue;
            var view = RunView.Of(run.State!);
            Append.Move(run.Key, run.StoredView, view, views);
            run.Stored(view);
        }
    }

    private void Add(TrackedRun run, RunEvent next, string? correlationId)
    {
        run.Apply(next);
        Append.Events.Add(new AppendedEvent(run.Key, run.Version, next, correlationId));
        foreach (var content in next.LargeValues())
            if (content.Content is { } text) Append.Contents.TryAdd((run.Key.Tenant, content.Reference.Sha256), text);
    }

    private static IReadOnlyList<string> Aliases(IReadOnlyList<RunEvent> events) => events.Count == 0 ? [] : [.. events.Select(next => RunEventTypes.Of(next).Name)];
}
