using System.Text;
using RunLedger.Domain.Runs;
using RunLedger.Domain.Tests.Samples;
using RunLedger.Domain.Usage;
using static RunLedger.Domain.Tests.Samples.RunSamples;
using static RunLedger.Domain.Tests.Samples.SnapshotSample;

namespace RunLedger.Domain.Tests.Runs;

public class RunViewTests
{
    [Fact]
    public void A_run_in_one_row()
    {
        var started = Run().WithMetadata("""{"a":"b"}""").Started(at: 1);
        var run = RecordedRun.Of(
            Run().WithMetadata("""{"a":"b"}""").SeenAt(0), started.Calling("call_a").SeenAt(2), started.Completed(at: 9).SeenAt(10), started.SeenAt(1), started.SeenAt(20));

        Assert.Equal(
            new RunView
            {
                RunId = "run_1",
                Kind = "thread.run",
                ThreadId = "thread_1",
                AssistantId = "asst_1",
                Model = "gpt-4o",
                Status = "completed",
                CreatedAt = At(0),
                StartedAt = At(1),
                EndedAt = At(9),
                ExpiresAt = null,
                FirstObservedAt = At(0),
                LastObservedAt = At(10),
                Version = run.Events.Count,
                Metadata = RunView.Of(run.State).Metadata,
                ToolCalls = 1,
                ToolNames = "get_weather",
                LateObservations = 1,
                Contradictions = 1,
                Usage = new TokenUsage(627, 34, 661, 0, 0),
            },
            RunView.Of(run.State));
        JsonMeaning.AssertSame("""{"a":"b"}""", RunView.Of(run.State).Metadata.ToString()!);
    }

    [Fact]
    public void A_response_in_one_row()
    {
        var view = ViewOf(ResponseSamples.Response().With("conversation", """{"id":"conv_1"}""").Broken("server_error", "Sorry."));
        Assert.Equal(("response", "conv_1", null, "failed"), (view.Kind, view.ThreadId, view.AssistantId, view.Status));
        Assert.Equal(("server_error", "Sorry."), (view.ErrorCode, view.ErrorMessage));
    }

    [Fact]
    public void Why_a_run_ended_at_a_limit() => Assert.Equal("max_prompt_tokens", ViewOf(Run().Incomplete(reason: "max_prompt_tokens")).IncompleteReason);

    [Fact]
    public void Text_that_no_column_can_hold_is_replaced_in_the_view_and_kept_in_the_snapshot()
    {
        var failed = Run().Failed(code: "a\0", message: "\ud800😀\udc00");
        Assert.Equal(("a\ufffd", "\ufffd😀\ufffd"), (ViewOf(failed).ErrorCode, ViewOf(failed).ErrorMessage));
        JsonMeaning.AssertSame(failed.Json, RecordedRun.Of(failed.SeenAt(10)).Current);
    }

    [Theory]
    [InlineData("""{"a":"\u0000"}""", "{\"a\":\"\ufffd\"}")]
    [InlineData("""{"a":1,"a":2,"n":1e400000}""", """{"a":"2","n":"1e400000"}""")]
    public void Metadata_can_always_stand_in_jsonb(string metadata, string shown) =>
        JsonMeaning.AssertSame(shown, Jsonb.Store(ViewOf(Run().WithMetadata(metadata)).Metadata!.Value.ToString()));

    [Fact]
    public void Any_metadata_that_an_api_can_show_can_stand_in_jsonb() => Properties.Hold(
        RandomJson.Object,
        metadata => Assert.NotEmpty(Jsonb.Store(ViewOf(Run().WithMetadata(metadata)).Metadata!.Value.ToString())));

    [Fact]
    public void A_row_is_the_same_where_only_what_rows_are_made_of_was_read() => Properties.Hold(
        RandomRuns.Wild,
        arrivals =>
        {
            var run = arrivals.Recorded();
            var events = run.Events.Select(next => RunEventJson.ReadForViews(RunEventTypes.Of(next).Alias, new(Encoding.UTF8.GetBytes(Jsonb.Store(RecordedRun.Written(next).ToString())))));
            Assert.Equal(RunView.Of(run.State), RunView.Of(RunState.Fold(run.State.Id, events)));
        },
        arrivals => arrivals.Shorter());

    private static RunView ViewOf(SnapshotSample sample) => RunView.Of(RecordedRun.Of(sample.SeenAt(10)).State);
}
