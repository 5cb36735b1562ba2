using RunLedger.Domain.Observations;
using RunLedger.Domain.Runs;
using RunLedger.Domain.Tests.Samples;

namespace RunLedger.Domain.Tests.Runs;

/// <summary>
/// A row of a table of decisions: after this history, this observation makes these events. An expected event is written as its name, after
/// <c>inferred</c> where it was, and where it matters before a colon with the fields that it sets and, with a minus, removes.
/// </summary>
public sealed record Scenario(string Sentence, Observation[] History, Observation Observation, string[] Events, Outcome Outcome = Outcome.Recorded)
{
    /// <summary>Checks the events, and what holds for every decision: they close, and the observed snapshot is given back and known again.</summary>
    public void Check()
    {
        var run = new RecordedRun(Observation.Snapshot.Id);
        foreach (var earlier in History) run.Observe(earlier);

        var decision = run.Observe(Observation);

        Assert.Equal(Events, decision.Events.Zip(Events.Concat(Enumerable.Repeat("", 9)), Told));
        Assert.Equal(Outcome, decision.Outcome);
        JsonMeaning.AssertSame(Observation.Snapshot.Json.ToString(), run.SnapshotAt(decision.Version));
        Assert.Empty(run.Observe(Observation).Events);
    }

    public override string ToString() => Sentence;

    // An event is told in as much detail as it is expected in.
    private static string Told(RunEvent decided, string expected)
    {
        var name = $"{(decided.Sighting.Evidence == Evidence.Inferred ? "inferred " : "")}{decided.GetType().Name}";
        var fields = decided.Changes.Set.Select(field => field.Name).Concat(decided.Changes.Removed.Select(removed => $"-{removed}"));
        return expected.Contains(':', StringComparison.Ordinal) ? $"{name}: {string.Join(' ', fields)}".TrimEnd() : name;
    }
}
