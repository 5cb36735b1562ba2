using System.Text;
using System.Text.Json;
using RunLedger.Domain.Wire;
using static RunLedger.Domain.Tests.Wire.WireAssert;

namespace RunLedger.Domain.Tests.Wire;

public class RunObjectTests
{
    [Theory]
    [InlineData("queued", false)]
    [InlineData("in_progress", false)]
    [InlineData("requires_action", false)]
    [InlineData("cancelling", false)]
    [InlineData("cancelled", true)]
    [InlineData("failed", true)]
    [InlineData("completed", true)]
    [InlineData("incomplete", true)]
    [InlineData("expired", true)]
    public void A_run_in_each_status_is_read_and_written_unchanged(string status, bool terminal)
    {
        RunObject run = RoundTrips(Samples.RunIn(status), WireJsonContext.Default.RunObject);

        Assert.Equal(status, run.Status.Value);
        Assert.True(run.Status.IsKnown);
        Assert.Equal(terminal, run.Status.IsTerminal);
        Assert.Null(run.UnknownFields);
    }

    [Fact]
    public void Every_field_of_a_run_is_typed()
    {
        RunObject run = WireJson.ReadRun(Encoding.UTF8.GetBytes(Samples.RunIn("queued")));

        Assert.Equal("run_lighthouse01", run.Id);
        Assert.Equal("thread.run", run.Object);
        Assert.Equal(1801000000, run.CreatedAt);
        Assert.Equal("thread_harbour", run.ThreadId);
        Assert.Equal("asst_keeper", run.AssistantId);
        Assert.Equal(1801000600, run.ExpiresAt);
        Assert.Equal("gpt-test-1", run.Model);
        Assert.Equal("Report the tide.", run.Instructions);
        Assert.Equal(["function", "code_interpreter", "file_search"], run.Tools.Select(tool => tool.Type));
        Assert.Equal(["file_chart"], run.ToolResources!.CodeInterpreter.Value!.FileIds.Value!);
        Assert.Empty(run.ToolResources.FileSearch.Value!.VectorStoreIds.Value!);
        Assert.Equal("Aurora", run.Metadata!["ship"].GetString());
        Assert.Equal(1.0, run.Temperature);
        Assert.Equal(0.9, run.TopP);
        Assert.Equal(4000, run.MaxPromptTokens);
        Assert.Null(run.MaxCompletionTokens);
        Assert.Equal(TruncationObjectType.Auto, run.TruncationStrategy!.Type);
        Assert.Equal(AssistantsApiToolChoiceMode.Auto, run.ToolChoice);
        Assert.Equal(AssistantsApiResponseFormatMode.Auto, run.ResponseFormat);
        Assert.True(run.ParallelToolCalls);
    }

    [Fact]
    public void The_tool_calls_that_a_run_waits_for_are_typed()
    {
        RunObject run = WireJson.ReadRun(Encoding.UTF8.GetBytes(Samples.RunIn("requires_action")));

        Assert.Equal("submit_tool_outputs", run.RequiredAction!.Type);
        RunToolCallObject call = Assert.Single(run.RequiredAction.SubmitToolOutputs!.ToolCalls);
        Assert.Equal("call_1", call.Id);
        Assert.Equal("read_tide", call.Function!.Name);
        Assert.Equal("""{"port": "Oban"}""", call.Function.Arguments);
    }

    [Fact]
    public void The_reasons_of_an_end_are_typed()
    {
        RunObject failed = WireJson.ReadRun(Encoding.UTF8.GetBytes(Samples.RunIn("failed")));
        RunObject incomplete = WireJson.ReadRun(Encoding.UTF8.GetBytes(Samples.RunIn("incomplete")));

        Assert.Equal(LastErrorCode.ServerError, failed.LastError!.Code);
        Assert.Equal("Sorry.", failed.LastError.Message);
        Assert.Equal(1801000009, failed.FailedAt);
        Assert.Equal(RunObjectIncompleteDetailsReason.MaxPromptTokens, incomplete.IncompleteDetails!.Reason);
    }

    [Theory]
    [InlineData("status", "\"paused\"")]
    [InlineData("last_error", """{ "code": "moon_phase", "message": "Spring tide.", "retry_after": 60 }""")]
    [InlineData("incomplete_details", """{ "reason": "max_tool_calls", "limit": 8 }""")]
    [InlineData("incomplete_details", """{ "reason": null }""")]
    [InlineData("truncation_strategy", """{ "type": "summarise", "target": { "tokens": 900 } }""")]
    [InlineData("truncation_strategy", """{ "type": "last_messages", "last_messages": 3 }""")]
    [InlineData("required_action", """{ "type": "ask_human", "submit_tool_outputs": null, "question": "Which port?" }""")]
    [InlineData("tools", """[ { "type": "sonar", "range": 12 }, { "type": "code_interpreter", "container": "c1" } ]""")]
    [InlineData("tools", """[ null, 3, "sonar", { "no": "type" }, { "type": null } ]""")]
    [InlineData("tool_resources", """{ "sonar": { "buoy_ids": ["b1"] }, "file_search": null }""")]
    [InlineData("tool_choice", """{ "type": "sonar", "mode": "deep" }""")]
    [InlineData("response_format", """{ "type": "grammar", "grammar": "s: x" }""")]
    [InlineData("harbour_fee", """{ "amount": 1.50, "nested": [null, { "deep": true }] }""")]
    [InlineData("usage", """{ "prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3, "audio_tokens": 0 }""")]
    public void What_is_not_known_is_kept(string field, string value) =>
        RoundTrips(With(Samples.QueuedRun, field, value), WireJsonContext.Default.RunObject);

    [Fact]
    public void An_unknown_status_is_not_known_and_not_terminal()
    {
        RunObject run = WireJson.ReadRun(Encoding.UTF8.GetBytes(With(Samples.QueuedRun, "status", "\"paused\"")));

        Assert.Equal(new RunStatus("paused"), run.Status);
        Assert.False(run.Status.IsKnown);
        Assert.False(run.Status.IsTerminal);
        Assert.Equal("paused", run.Status.ToString());
    }

    [Fact]
    public void An_unknown_field_is_there_under_its_name()
    {
        RunObject run = WireJson.ReadRun(Encoding.UTF8.GetBytes(With(Samples.QueuedRun, "berth", "17")));

        Assert.Equal(17, Assert.Single(run.UnknownFields!, field => field.Key == "berth").Value.GetInt32());
    }

    [Theory]
    [InlineData("assistant_id")]
    [InlineData("instructions")]
    [InlineData("metadata")]
    [InlineData("tool_resources")]
    [InlineData("truncation_strategy")]
    [InlineData("tool_choice")]
    [InlineData("response_format")]
    [InlineData("parallel_tool_calls")]
    [InlineData("temperature")]
    [InlineData("usage")]
    public void A_field_that_real_services_leave_out_or_null_reads_as_null_and_is_written_as_null(string field)
    {
        RoundTrips(With(Samples.QueuedRun, field, "null"), WireJsonContext.Default.RunObject);
        RunObject run = KeepsEveryField(Without(Samples.QueuedRun, field), WireJsonContext.Default.RunObject);

        SameJson(With(Samples.QueuedRun, field, "null"), WireJson.Write(run));
    }

    [Theory]
    [InlineData("id")]
    [InlineData("object")]
    [InlineData("created_at")]
    [InlineData("thread_id")]
    [InlineData("status")]
    [InlineData("model")]
    [InlineData("tools")]
    public void A_run_without_what_the_api_promises_is_refused_by_the_name_of_the_field(string field)
    {
        var absent = Assert.Throws<JsonException>(() => WireJson.ReadRun(Encoding.UTF8.GetBytes(Without(Samples.QueuedRun, field))));
        var isNull = Assert.Throws<JsonException>(
            () => WireJson.ReadRun(Encoding.UTF8.GetBytes(With(Samples.QueuedRun, field, "null"))));

        Assert.Contains($"'{field}'", absent.Message, StringComparison.Ordinal);
        Assert.Equal($"$.{field}", isNull.Path);
    }

    [Fact]
    public void An_error_inside_a_tool_names_the_tool_and_the_field()
    {
        string json = With(Samples.QueuedRun, "tools", """[ { "type": "function", "function": { "name": 5 } } ]""");

        var error = Assert.Throws<JsonException>(() => WireJson.ReadRun(Encoding.UTF8.GetBytes(json)));

        Assert.Equal("$.tools[0]", error.Path);
        Assert.Contains("$.function.name", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_null_among_tool_calls_is_refused()
    {
        const string action = """{ "type": "submit_tool_outputs", "submit_tool_outputs": { "tool_calls": [null] } }""";

        var error = Assert.Throws<JsonException>(
            () => WireJson.ReadRun(Encoding.UTF8.GetBytes(With(Samples.QueuedRun, "required_action", action))));

        Assert.Contains("tool_calls[0]", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1801000000.0", 1801000000)]
    [InlineData("1.801e9", 1801000000)]
    [InlineData("4102444800", 4102444800)]
    [InlineData("-1", -1)]
    public void A_timestamp_is_taken_by_value_and_may_lie_beyond_2038(string written, long expected)
    {
        RunObject run = RoundTrips(With(Samples.QueuedRun, "created_at", written), WireJsonContext.Default.RunObject);

        Assert.Equal(expected, run.CreatedAt);
    }

    [Theory]
    [InlineData("1801000000.5")]
    [InlineData("\"1801000000\"")]
    [InlineData("1e30")]
    [InlineData("9223372036854775808")]
    public void A_timestamp_that_is_no_whole_number_is_refused(string written)
    {
        var error = Assert.Throws<JsonException>(
            () => WireJson.ReadRun(Encoding.UTF8.GetBytes(With(Samples.QueuedRun, "created_at", written))));

        Assert.Equal("$.created_at", error.Path);
    }

    [Fact]
    public void A_page_of_runs_is_read_and_written_unchanged()
    {
        string page = $$"""
            { "object": "list", "data": [ {{Samples.RunIn("completed")}}, {{Samples.QueuedRun}} ], "first_id": "run_lighthouse01",
              "last_id": "run_lighthouse01", "has_more": true, "next": "later" }
            """;

        ListRunsResponse runs = RoundTrips(page, WireJsonContext.Default.ListRunsResponse);

        Assert.Equal([RunStatus.Completed, RunStatus.Queued], runs.Data.Select(run => run.Status));
        Assert.True(runs.HasMore);
        Assert.Equal("run_lighthouse01", runs.FirstId);
    }

    [Fact]
    public void An_empty_page_has_no_first_and_no_last_run() =>
        RoundTrips(
            """{ "object": "list", "data": [], "first_id": null, "last_id": null, "has_more": false }""",
            WireJsonContext.Default.ListRunsResponse);
}
