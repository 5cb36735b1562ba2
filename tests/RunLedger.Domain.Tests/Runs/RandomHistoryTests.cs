using RunLedger.Domain.Json;
using RunLedger.Domain.Observations;
using RunLedger.Domain.Runs;
using RunLedger.Domain.Tests.Samples;

namespace RunLedger.Domain.Tests.Runs;

/// <summary>The guarantees that hold for any observations in any order. Those that need truthful ones are in <see cref="RandomLifeTests"/>.</summary>
public class RandomHistoryTests
{
    [Fact]
    public void Every_observation_is_given_back_deep_equal_at_its_version_for_ever() => Hold(arrivals =>
    {
        var run = new RecordedRun(arrivals.RunId);
        var versions = arrivals.All.Select(arrival => run.Observe(arrival.ObservationWithRequest).Version).ToArray();
        foreach (var (arrival, version) in arrivals.All.Zip(versions)) JsonMeaning.AssertSame(arrival.Shown.Json, run.SnapshotAt(version));
    });

    [Fact]
    public void Every_recorded_observation_closes_once_with_its_last_event_and_versions_have_no_gap() => Hold(arrivals =>
    {
        var run = new RecordedRun(arrivals.RunId);
        foreach (var arrival in arrivals.All)
        {
            var before = run.State.Version;
            var decision = run.Observe(arrival.ObservationWithRequest);
            Assert.Equal(before + decision.Events.Count, run.State.Version);
            Assert.InRange(decision.Version, 1, run.State.Version);
            Assert.All(decision.Events.SkipLast(1), decided => Assert.Null(decided.Closes));
            Assert.All(decision.Events.TakeLast(1), last => Assert.NotNull(last.Closes));
            Assert.Equal(decision.Outcome == Outcome.Unchanged, decision.Events.Count == 0);
        }
    });

    [Fact]
    public void An_observation_yields_its_events_at_most_once_however_often_it_is_sent() => Hold(arrivals =>
    {
        var run = new RecordedRun(arrivals.RunId);
        var recorded = new HashSet<(Digest, DateTimeOffset, TimeBasis)>();
        var sent = Enumerable.Repeat(arrivals.All, 4).SelectMany(all => all).Select(arrival => arrival.Observation);
        foreach (var observation in sent.Where(observation => run.Observe(observation).Events.Count > 0))
            Assert.True(recorded.Add((observation.Snapshot.Digest, observation.ObservedAt, observation.Basis)), $"{observation.ObservedAt:O} is recorded twice.");
    });

    [Fact]
    public void A_request_is_recorded_exactly_once_however_often_it_is_captured() => Hold(arrivals =>
    {
        var captured = arrivals.All.Select(arrival => arrival.Request).OfType<CapturedRequest>();
        var distinct = captured.DistinctBy(request => (request.Kind, CanonicalJson.DigestOf(request.Body))).Count();
        var run = arrivals.Recorded();
        Assert.Equal(distinct, RequestsIn(run));

        foreach (var arrival in arrivals.All) run.Observe(arrival.ObservationWithRequest);
        Assert.Equal(distinct, RequestsIn(run));
    });

    [Fact]
    public void The_state_folded_from_stored_events_is_the_state_folded_in_memory_and_decides_the_same() => Hold(arrivals =>
    {
        var run = new RecordedRun(arrivals.RunId);
        var inMemory = RunState.New(arrivals.RunId);
        foreach (var observation in arrivals.All.Select(arrival => arrival.ObservationWithRequest))
        {
            var decided = RunDecider.Decide(inMemory, observation);
            var again = run.Observe(observation);
            Assert.Equal((decided.Outcome, decided.Version), (again.Outcome, again.Version));
            Assert.Equal(decided.Events.Select(RunEventMeaning.Of), again.Events.Select(RunEventMeaning.Of));
            inMemory = decided.Events.Aggregate(inMemory, (state, next) => state.Apply(next)).SeenAgainBy(observation);
        }
        RunStateMeaning.AssertSame(inMemory, run.State, run);
        RunStateMeaning.AssertSame(inMemory, run.History.Current, run);
    });

    [Fact]
    public void The_same_state_and_observation_give_the_same_decision() => Hold(arrivals =>
    {
        var state = RunState.New(arrivals.RunId);
        foreach (var observation in arrivals.All.Select(arrival => arrival.ObservationWithRequest))
        {
            var (first, second) = (RunDecider.Decide(state, observation), RunDecider.Decide(state, observation));
            Assert.Equal((first.Outcome, first.Version), (second.Outcome, second.Version));
            Assert.Equal(first.Events.Select(RecordedRun.Written), second.Events.Select(RecordedRun.Written));
            state = first.Events.Aggregate(state, (folded, next) => folded.Apply(next));
        }
    });

    [Fact]
    public void The_observations_that_a_history_tells_of_make_the_same_history_when_they_are_recorded_anew() => Hold(arrivals =>
    {
        var run = arrivals.Recorded();
        var retold = Retelling.Of(run.History, run.Content).ToArray();
        var copy = RecordedRun.Of([.. retold.Select(told => told.Observation)]);
        Assert.Equal(run.Events.Select(RunEventMeaning.Of), copy.Events.Select(RunEventMeaning.Of));
        RunStateMeaning.AssertSame(run.State, copy.State, run);
        Assert.All(retold, told => Assert.NotNull(run.Events[(int)told.ToldAt - 1].Closes));
    });

    [Fact]
    public void The_run_is_as_the_observation_in_effect_at_the_end_of_time_shows_it() => Hold(arrivals =>
    {
        var run = arrivals.Recorded();
        JsonMeaning.AssertSame(run.Current, run.Json(run.History.SnapshotAsOf(DateTimeOffset.MaxValue)!));
        Assert.Equal(run.State.HasEnded, run.State.EndedAt is not null);
    });

    private static int RequestsIn(RecordedRun run) =>
        run.Events.Count(stored => stored is RunRequested or ToolOutputsSubmitted { Request: not null } or RunModified { Request: not null });

    private static void Hold(Action<Arrivals> property) => Properties.Hold(RandomRuns.Wild, property, arrivals => arrivals.Shorter());
}
