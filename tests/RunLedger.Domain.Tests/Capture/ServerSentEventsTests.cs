using System.Text;
using RunLedger.Domain.Capture;
using RunLedger.Domain.Observations;
using static RunLedger.Domain.Tests.Capture.CaptureSamples;

namespace RunLedger.Domain.Tests.Capture;

public class ServerSentEventsTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData(": comment only\n\n", "")]
    [InlineData("event: done\n\n", "")]
    [InlineData("data: a\n\ndata: b\n\n", "a|b")]
    [InlineData("data:a\r\n\r\ndata:b\r\n\r\n", "a|b")]
    [InlineData("data:a\r\rdata:b\r\r", "a|b")]
    [InlineData("data: a\n\ndata: b", "a|b")]
    [InlineData("data: a\n\ndata: b\n", "a|b")]
    [InlineData("\uFEFFid: 1\nevent: x\n: note\ndata: a\nretry: 5\n\n\n\ndata: b\n\n", "a|b")]
    [InlineData("data: a\ndata:  b\ndata\ndata: c\n\n", "a\n b\n\nc")]
    [InlineData("data\n\ndata: b\n\n", "|b")]
    [InlineData("database: a\n\n data: a\n\ndata: b\n\n", "b")]
    public void Data_is_read_as_the_standard_has_it(string text, string data) =>
        Assert.Equal(data, string.Join('|', ServerSentEvents.DataOf(Encoding.UTF8.GetBytes(text)).Select(value => Encoding.UTF8.GetString(value.Span))));

    [Fact]
    public void Snapshots_of_a_run_are_observed_in_order_and_the_first_has_the_request()
    {
        var items = Read(Events($"""
            event: thread.run.created
            data: {Run("run_1")}

            event: thread.run.step.created
            data: {"{\"id\":\"step_1\",\"object\":\"thread.run.step\"}"}

            event: thread.message.delta
            data: {"{\"id\":\"msg_1\",\"object\":\"thread.message.delta\"}"}

            event: thread.run.completed
            data: {Run("run_1", ",\"completed_at\":1700000009")}

            event: done
            data: [DONE]

            """));
        Assert.Equal(["item 1, event 1", "item 1, event 4"], items.Select(item => item.At.ToString()));
        var observations = items.Cast<Observed>().Select(item => item.Observation).ToArray();
        Assert.Equal([RequestKind.Create, null], observations.Select(observation => observation.Request?.Kind));
        Assert.Equal([1700000000, 1700000009], observations.Select(observation => observation.ObservedAt.ToUnixTimeSeconds()));
    }

    [Fact]
    public void Events_that_carry_a_response_are_observed()
    {
        var items = Read(Events(
            $$$"""
            data: {"type":"response.created","response":{{{Response(status: "in_progress")}}}}

            data: {"type":"response.output_text.delta","delta":"Hi","response":null}

            data: {"type":"response.completed","response":{{{Response()}}}}
            """, "/v1/responses"));
        Assert.Equal(["in_progress", "completed"], items.Cast<Observed>().Select(item => item.Observation.Snapshot["status"]!.Value.AsString()));
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n\n")]
    [InlineData("data: [DONE]\n\n")]
    [InlineData("data: {\"object\":\"thread.message.delta\"}\n\n")]
    [InlineData("data: {\"type\":\"error\",\"response\":{\"object\":\"other\"}}\n\n")]
    public void A_stream_without_a_snapshot_is_skipped_once(string text) => ReadSkipped(Events(text));

    [Fact]
    public void Data_over_several_lines_is_one_snapshot()
    {
        var lines = Run(more: ",\n\"model\":\"é\\u00e9\"");
        var observed = ReadObserved(Events("data: " + lines.Replace("\n", "\r\ndata: ") + "\r\n\r\n"));
        Assert.Equal(lines, observed.Observation.Snapshot.Json.ToString());
    }

    [Theory]
    [InlineData("data:  {0}\n\n")]
    [InlineData("data:\t{0}\n\n")]
    [InlineData("data:\ndata: {0}\n\n")]
    [InlineData("data: {0}  \ndata:\n\n")]
    public void Blanks_around_a_snapshot_do_not_hide_it(string stream)
    {
        var observed = ReadObserved(Events(stream.Replace("{0}", Run(), StringComparison.Ordinal)));
        Assert.Equal(Run(), observed.Observation.Snapshot.Json.ToString());
    }

    [Fact]
    public void A_broken_event_is_rejected_and_the_others_are_read()
    {
        var items = Read(Events($"data: {{\"object\":\"thread.run\",\"id\":\"run_1\"}}\n\ndata: {Run("run_2")}\n\ndata: {{\"object\":\"thr"));
        Assert.Equal([("item 1, event 1", "thread_id"), ("item 1, event 3", "")],
            items.OfType<Rejected>().Select(item => (item.At.ToString(), item.Defect.Field)));
        Assert.Equal(RequestKind.Create, Assert.Single(items.OfType<Observed>()).Observation.Request?.Kind);
    }
}
