using System.Text;
using System.Text.Json;
using RunLedger.Domain.Json;
using RunLedger.Domain.Observations;
using RunLedger.Domain.Runs;

namespace RunLedger.Domain.Tests.Runs;

public class TypedReadingTests
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_captured_create_request_reads_as_what_was_sent()
    {
        var requested = Assert.Single(Seen(Run("queued"), RequestKind.Create, """{"assistant_id":"asst_7","max_prompt_tokens":900,"new_field":1}""").OfType<RunRequested>());

        var request = requested.CreateRunRequest()!;

        Assert.Equal(("asst_7", 900), (request.AssistantId, request.MaxPromptTokens));
        Assert.Equal(1, request.UnknownFields!["new_field"].GetInt32());
    }

    [Fact]
    public void Required_tool_calls_read_with_their_arguments()
    {
        var required = Assert.Single(Seen(Run("requires_action", """
            "required_action":{"type":"submit_tool_outputs","submit_tool_outputs":{"tool_calls":[{"id":"call_1","type":"function","function":{"name":"look","arguments":"{\"at\":1}"}}]}}
            """)).OfType<ToolCallsRequired>());

        var call = Assert.Single(required.RequiredAction()!.SubmitToolOutputs!.ToolCalls);

        Assert.Equal(("call_1", "look", "{\"at\":1}"), (call.Id, call.Function!.Name, call.Function.Arguments));
    }

    [Fact]
    public void Captured_tool_outputs_and_modifications_read_as_what_was_sent()
    {
        var submitted = Assert.Single(Seen(Run("queued"), RequestKind.SubmitToolOutputs, """{"tool_outputs":[{"tool_call_id":"call_1","output":"42"}]}""").OfType<ToolOutputsSubmitted>());
        var modified = Assert.Single(Seen(Run("queued"), RequestKind.Modify, """{"metadata":{"team":"blue"}}""").OfType<RunModified>());

        Assert.Equal("42", Assert.Single(submitted.SubmitToolOutputsRequest()!.ToolOutputs).Output);
        Assert.Equal("blue", modified.ModifyRunRequest()!.Metadata!["team"].GetString());
    }

    [Fact]
    public void The_end_of_a_run_reads_as_its_usage_or_its_error()
    {
        var completed = Assert.Single(Seen(Run("completed", """
            "usage":{"prompt_tokens":10,"completion_tokens":5,"total_tokens":15,"prompt_token_details":{"cached_tokens":4}}
            """)).OfType<RunCompleted>());
        var failed = Assert.Single(Seen(Run("failed", """ "last_error":{"code":"rate_limit_exceeded","message":"slow down"} """)).OfType<RunFailed>());

        Assert.Equal((15, 4), (completed.CompletionUsage()!.TotalTokens, completed.CompletionUsage()!.CachedTokens));
        Assert.Equal("slow down", failed.LastError()!.Message);
    }

    [Fact]
    public void What_an_event_does_not_carry_reads_as_null_and_another_shape_is_named()
    {
        var silent = Assert.Single(Seen(Run("completed", """ "usage":null """)).OfType<RunCompleted>());
        var odd = Assert.Single(Seen(Run("failed", """ "last_error":{"code":7} """)).OfType<RunFailed>());

        Assert.Null(silent.CompletionUsage());
        Assert.Throws<JsonException>(() => odd.LastError());
    }

    private static IReadOnlyList<RunEvent> Seen(string json, RequestKind? kind = null, string? body = null)
    {
        var snapshot = Snapshot.Read(Encoding.UTF8.GetBytes(json)).Value!;
        var request = kind is { } captured ? new CapturedRequest(captured, new JsonText(Encoding.UTF8.GetBytes(body!))) : null;
        return RunDecider.Decide(null, new Observation(snapshot, Noon, TimeBasis.Stated, "poll") { Request = request }).Events;
    }

    private static string Run(string status, string? more = null) =>
        $$"""{"id":"run_typed","object":"thread.run","created_at":1772366390,"thread_id":"thread_1","status":"{{status}}"{{(more is null ? "" : "," + more.Trim())}}}""";
}
