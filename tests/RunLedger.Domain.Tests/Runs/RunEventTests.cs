using System.Text;
using RunLedger.Domain.Json;
using RunLedger.Domain.Runs;
using RunLedger.Domain.Tests.Samples;
using static RunLedger.Domain.Tests.Samples.RunSamples;
using static RunLedger.Domain.Tests.Samples.SnapshotSample;

namespace RunLedger.Domain.Tests.Runs;

/// <summary>What the events say besides the fields that they change: when, by what evidence, and the things of their own.</summary>
public class RunEventTests
{
    private static readonly SnapshotSample Started = Run().Started(at: 1);

    public static TheoryData<string, SnapshotSample, double> Occurrences => new()
    {
        { "run_queued", Run(), 0 },
        { "run_started", Started, 1 },
        { "tool_calls_required", Started.Calling("call_a"), 30 },
        { "run_cancelling", Started.Cancelling(), 30 },
        { "run_cancelled", Started.Cancelled(at: 7), 7 },
        { "run_failed", Started.Failed(at: 8), 8 },
        { "run_completed", Started.Completed(at: 9), 9 },
        { "run_incomplete", Started.Incomplete(at: 10), 10 },
        { "run_completed", ResponseSamples.Response().Answered(), 30 },
    };

    [Theory]
    [MemberData(nameof(Occurrences))]
    public void An_event_occurred_when_the_api_says_or_else_when_it_was_observed(string alias, SnapshotSample sample, double occurred)
    {
        var decided = RunDecider.Decide(null, sample.SeenAt(30)).Events.Single(decided => RunEventTypes.Of(decided).Alias == alias);

        Assert.Equal(At(occurred), decided.Sighting.OccurredAt);
        Assert.Equal((At(30), "poll"), (decided.Sighting.ObservedAt, decided.Sighting.Source));
    }

    [Fact]
    public void A_run_expired_when_it_was_due_though_the_api_shows_the_due_time_no_more()
    {
        var run = RecordedRun.Of(Started.Calling("call_a").SeenAt(2), Started.Expired().SeenAt(700));

        Assert.Equal(At(600), run.Events.OfType<RunExpired>().Single().Sighting.OccurredAt);
        Assert.Equal(At(600), run.State.EndedAt);
    }

    [Fact]
    public void A_run_whose_due_time_was_never_seen_expired_when_that_was_observed() =>
        Assert.Equal(At(700), RecordedRun.Of(Started.Expired().SeenAt(700)).State.EndedAt);

    [Fact]
    public void The_events_of_a_first_sight_tell_the_times_of_what_was_missed()
    {
        var run = RecordedRun.Of(Started.Completed(at: 9).SeenAt(30));

        Assert.Equal([At(0), At(1), At(9)], run.Events.Select(stored => stored.Sighting.OccurredAt));
        Assert.Equal([Evidence.Inferred, Evidence.Inferred, Evidence.Seen], run.Events.Select(stored => stored.Sighting.Evidence));
    }

    [Fact]
    public void Tool_calls_are_told_once_with_type_and_name()
    {
        var run = RecordedRun.Of(Started.Calling("call_a").SeenAt(2), Started.Calling("call_a", "call_b").SeenAt(3));

        Assert.Equal([new ToolCall("call_a", "function", "get_weather")], ((ToolCallsRequired)run.Events[2]).ToolCalls.ToArray());
        Assert.Equal([new ToolCall("call_b", "function", "get_weather")], run.Events.OfType<ToolCallsRequired>().Last().ToolCalls.ToArray());
    }

    [Fact]
    public void The_function_calls_of_a_response_are_tool_calls()
    {
        var run = RecordedRun.Of(ResponseSamples.Response().Answered(ResponseSamples.FunctionCall("call_a", "get_time"), ResponseSamples.Message("Wait.")).SeenAt(2));

        Assert.Equal([new ToolCall("call_a", "function", "get_time")], run.Events.OfType<ToolCallsRequired>().Single().ToolCalls.ToArray());
    }

    [Fact]
    public void Tool_calls_that_only_a_late_observation_shows_are_known_by_it()
    {
        var run = RecordedRun.Of(Started.Completed().SeenAt(9), Started.Calling("call_a").SeenAt(2));

        Assert.Equal(["call_a"], ((LateObservationRecorded)run.Events[^1]).ToolCalls.Select(call => call.Id));
        Assert.Equal("completed", run.State.Status);
        Assert.Equal((1, 1), (run.State.LateObservations, run.State.ToolCalls.Count));
    }

    [Fact]
    public void A_modification_tells_the_old_metadata_and_the_new()
    {
        var run = RecordedRun.Of(Run().WithMetadata("""{"a":"1"}""").SeenAt(0), Run().WithMetadata("""{"a":"2"}""").SeenAt(1));

        var modified = Assert.IsType<RunModified>(run.Events[^1]);
        Assert.Equal("""{"a":"1"}""", RunEventMeaning.Value(modified.OldMetadata));
        Assert.Equal("set [metadata = {\"a\":\"2\"}] removed []", RunEventMeaning.Changes(modified.Changes));
    }

    [Fact]
    public void Ends_tell_why()
    {
        Assert.Equal(new RunError("rate_limit_exceeded", "Slow down."), Last<RunFailed>(Started.Failed()).Error);
        Assert.Equal(new RunError("server_error", "Sorry."), Last<RunFailed>(ResponseSamples.Response().Broken("server_error", "Sorry.")).Error);
        Assert.Equal("max_completion_tokens", Last<RunIncomplete>(Started.Incomplete()).Reason);
        Assert.Equal(661, Last<RunCompleted>(Started.Completed()).Usage!.Value.Total);
    }

    [Fact]
    public void Contradictions_tell_both_sides()
    {
        var changed = RunDecider.Decide(RecordedRun.Of(Run().SeenAt(0)).State, Run().WithTime("created_at", -7).With("thread_id", "\"thread_2\"").SeenAt(1));
        var wrongSum = RunDecider.Decide(null, Started.Completed().With("usage", UsageOf(1, 2, total: 4)).SeenAt(9));
        var alive = RunDecider.Decide(RecordedRun.Of(Started.Completed().SeenAt(9)).State, Started.SeenAt(10));

        Assert.Equal(
            [Contradicting("created_at", $"{Created}", $"{Created - 7}"), Contradicting("thread_id", "\"thread_1\"", "\"thread_2\"")],
            changed.Events.OfType<ContradictionObserved>().Single().Contradictions.ToArray());
        Assert.Equal([Contradicting("usage.total_tokens", "3", "4")], wrongSum.Events.OfType<ContradictionObserved>().Single().Contradictions.ToArray());
        var withheld = Assert.IsType<ContradictionObserved>(Assert.Single(alive.Events));
        Assert.True(withheld.Withheld);
        Assert.Equal([Contradicting("status", "\"completed\"", "\"in_progress\"")], withheld.Contradictions.ToArray());
    }

    [Fact]
    public void A_withheld_snapshot_does_not_move_the_run_but_is_given_back()
    {
        var run = RecordedRun.Of(Started.Completed().SeenAt(9));
        var decision = run.Observe(Started.SeenAt(10));

        Assert.Equal(("completed", 1), (run.State.Status, run.State.Contradictions));
        JsonMeaning.AssertSame(Started.Json, run.SnapshotAt(decision.Version));
        JsonMeaning.AssertSame(Started.Completed().Json, run.Current);
    }

    [Fact]
    public void What_nobody_stated_the_time_of_takes_its_place_beside_what_is_known()
    {
        var run = RecordedRun.Of(Started.SeenAt(20), Run().ReceivedAt(50), Started.Completed().ReceivedAt(5));

        Assert.Equal([At(0), At(20), At(20).AddMicroseconds(1)], run.State.Timeline.Select(recorded => recorded.ObservedAt));
        Assert.Equal([Standing.Late, Standing.Current, Standing.Current], run.State.Timeline.Select(recorded => recorded.Standing));
    }

    private static T Last<T>(SnapshotSample sample) => Assert.IsType<T>(RunDecider.Decide(null, sample.SeenAt(30)).Events[^1]);

    private static Contradiction Contradicting(string field, string recorded, string observed) =>
        new(field, new JsonText(Encoding.UTF8.GetBytes(recorded)), new JsonText(Encoding.UTF8.GetBytes(observed)));
}
