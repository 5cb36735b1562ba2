using FsCheck.Fluent;
using RunLedger.Domain.Runs;
using RunLedger.Domain.Tests.Samples;

namespace RunLedger.Domain.Tests.Runs;

/// <summary>The guarantees for truthful observations of a run: each shows the run as it was at the time that it states.</summary>
public class RandomLifeTests
{
    [Fact]
    public void The_run_ends_up_as_the_newest_observation_shows_it_whatever_the_order_of_arrival() => Hold(arrivals =>
        JsonMeaning.AssertSame(arrivals.Newest.Shown.Json, arrivals.Recorded().Current));

    [Fact]
    public void The_run_ends_up_as_the_newest_observation_shows_it_where_it_comes_back_to_how_it_was() => Properties.Hold(
        RandomRuns.Returning,
        arrivals => JsonMeaning.AssertSame(arrivals.Newest.Shown.Json, arrivals.Recorded().Current),
        arrivals => arrivals.Shorter());

    [Fact]
    public void No_tool_call_is_lost_and_none_is_told_twice_whatever_the_order_of_arrival() => Hold(arrivals =>
    {
        var shown = arrivals.All.SelectMany(arrival => ToolCall.Read(arrival.Observation.Snapshot["required_action"], arrival.Observation.Snapshot["output"]));
        var run = arrivals.Recorded();
        var told = run.Events.SelectMany(stored => stored switch
        {
            ToolCallsRequired required => required.ToolCalls,
            LateObservationRecorded late => late.ToolCalls,
            _ => [],
        });
        var expected = shown.Select(call => call.Id).Distinct().Order().ToArray();
        Assert.Equal(expected, run.State.ToolCalls.Keys.Order());
        Assert.Equal(expected, told.Select(call => call.Id).Order());
    });

    [Fact]
    public void Sending_everything_again_in_any_order_records_nothing_and_leads_to_equal_snapshots() => Properties.Hold(
        from arrivals in RandomRuns.Truthful from again in Gen.Shuffle(arrivals.All.ToArray()) select (arrivals, again: new Arrivals(again)),
        sent =>
        {
            var run = sent.arrivals.Recorded();
            foreach (var arrival in sent.again.All)
            {
                var decision = run.Observe(arrival.Observation);
                Assert.Equal((Outcome.Unchanged, 0), (decision.Outcome, decision.Events.Count));
                JsonMeaning.AssertSame(arrival.Shown.Json, run.SnapshotAt(decision.Version));
            }
        });

    [Fact]
    public void The_history_tells_of_every_observed_moment_what_was_observed() => Hold(arrivals =>
    {
        var run = arrivals.Recorded();
        foreach (var arrival in arrivals.All)
            JsonMeaning.AssertSame(arrival.Shown.Json, run.Json(run.History.SnapshotAsOf(arrival.Observation.ObservedAt)!));
    });

    [Fact]
    public void Nothing_truthful_contradicts_the_record() => Hold(arrivals =>
        Assert.DoesNotContain(arrivals.Recorded().Events, stored => stored is ContradictionObserved));

    private static void Hold(Action<Arrivals> property) => Properties.Hold(RandomRuns.Truthful, property, arrivals => arrivals.Shorter());
}
