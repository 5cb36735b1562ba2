using System.Text;
using System.Text.Json;
using RunLedger.Domain.Wire;
using static RunLedger.Domain.Tests.Wire.WireAssert;

namespace RunLedger.Domain.Tests.Wire;

public class ResponseObjectTests
{
    [Fact]
    public void A_response_is_read_and_written_unchanged()
    {
        ResponseObject response = RoundTrips(Samples.CompletedResponse, WireJsonContext.Default.ResponseObject);

        Assert.Equal("resp_tide01", response.Id);
        Assert.Equal("response", response.Object);
        Assert.Equal(1801000000, response.CreatedAt);
        Assert.Equal(1801000004, response.CompletedAt);
        Assert.Equal(ResponseStatus.Completed, response.Status);
        Assert.Equal("resp_tide00", response.PreviousResponseId);
        Assert.Equal("conv_harbour", response.Conversation!.ConversationId);
        Assert.Equal(500, response.MaxOutputTokens);
        Assert.Equal("default", response.ServiceTier);
        Assert.False(response.Background);
        Assert.Equal(["reasoning", "text"], response.UnknownFields!.Keys.Order());
    }

    [Fact]
    public void A_function_call_among_the_output_is_typed()
    {
        ResponseObject response = WireJson.ReadResponse(Encoding.UTF8.GetBytes(Samples.CompletedResponse));

        Assert.Equal(["reasoning", "function_call", "message"], response.Output.Select(item => item.Type));
        ResponseFunctionCall call = Assert.Single(response.Output.OfType<ResponseFunctionCall>());
        Assert.Equal("call_1", call.CallId);
        Assert.Equal("read_tide", call.Name);
        Assert.Equal("""{"port":"Oban"}""", call.Arguments);
        Assert.Equal("fc_1", call.Id.Value);
        Assert.Equal("completed", call.Status.Value);
    }

    [Fact]
    public void The_usage_of_a_response_is_typed()
    {
        ResponseUsage usage = WireJson.ReadResponse(Encoding.UTF8.GetBytes(Samples.CompletedResponse)).Usage!;

        Assert.Equal(70, usage.InputTokens);
        Assert.Equal(64, usage.InputTokensDetails!.CachedTokens);
        Assert.Equal(30, usage.OutputTokens);
        Assert.Equal(12, usage.OutputTokensDetails!.ReasoningTokens);
        Assert.Equal(100, usage.TotalTokens);
    }

    [Theory]
    [InlineData("queued", false, true)]
    [InlineData("in_progress", false, true)]
    [InlineData("completed", true, true)]
    [InlineData("incomplete", true, true)]
    [InlineData("failed", true, true)]
    [InlineData("cancelled", true, true)]
    [InlineData("dreaming", false, false)]
    public void A_response_has_a_status(string status, bool terminal, bool known)
    {
        ResponseObject response = RoundTrips(
            With(Samples.CompletedResponse, "status", $"\"{status}\""),
            WireJsonContext.Default.ResponseObject);

        Assert.Equal(terminal, response.Status.IsTerminal);
        Assert.Equal(known, response.Status.IsKnown);
    }

    [Theory]
    [InlineData("error", """{ "code": "server_error", "message": "Sorry." }""")]
    [InlineData("error", """{ "code": "moon_phase", "message": "Spring tide.", "param": null }""")]
    [InlineData("incomplete_details", """{ "reason": "max_output_tokens" }""")]
    [InlineData("incomplete_details", """{ "reason": "low_tide", "since": 3 }""")]
    [InlineData("tool_choice", """{ "type": "function", "name": "read_tide" }""")]
    [InlineData("tool_choice", "null")]
    [InlineData("output", """[ { "type": "sonar_call", "echo": [1, 2] }, null, { "id": "x" } ]""")]
    [InlineData("output", """[ { "type": "function_call", "call_id": "c", "name": "n", "arguments": "", "namespace": "sea" } ]""")]
    [InlineData("tools", """[ { "type": "function", "name": "n" }, { "type": "sonar" }, null ]""")]
    [InlineData("usage", """
        { "input_tokens": 1, "input_tokens_details": null, "output_tokens": 2,
          "output_tokens_details": { "reasoning_tokens": 0, "x": 1 }, "total_tokens": 3, "y": 2 }
        """)]
    [InlineData("usage", "null")]
    [InlineData("metadata", "null")]
    [InlineData("billing", """{ "payer": "harbour" }""")]
    public void What_is_not_known_or_rare_is_kept(string field, string value) =>
        RoundTrips(With(Samples.CompletedResponse, field, value), WireJsonContext.Default.ResponseObject);

    [Theory]
    [InlineData("\"Be brief.\"", typeof(ResponseInstructionsText))]
    [InlineData("""[ { "type": "message", "role": "developer", "content": [] }, 1 ]""", typeof(ResponseInstructionsItems))]
    [InlineData("""{ "template": "t" }""", typeof(ResponseInstructionsUnknown))]
    public void Instructions_have_the_shape_that_was_sent(string json, Type type)
    {
        string sample = With(Samples.CompletedResponse, "instructions", json);

        Assert.IsType(type, RoundTrips(sample, WireJsonContext.Default.ResponseObject).Instructions);
    }

    [Theory]
    [InlineData("\"conv_1\"", "conv_1")]
    [InlineData("""{ "id": "conv_1", "title": "Tides" }""", "conv_1")]
    [InlineData("null", null)]
    [InlineData("[1]", null)]
    public void A_conversation_is_given_in_several_shapes(string json, string? id)
    {
        ResponseObject response = RoundTrips(
            With(Samples.CompletedResponse, "conversation", json),
            WireJsonContext.Default.ResponseObject);

        Assert.Equal(id, response.Conversation?.ConversationId);
    }

    [Theory]
    [InlineData("1741476542.0")]
    [InlineData("1741476542")]
    public void The_time_of_creation_may_be_written_with_a_fraction_of_zero(string written) =>
        Assert.Equal(
            1741476542,
            RoundTrips(With(Samples.CompletedResponse, "created_at", written), WireJsonContext.Default.ResponseObject).CreatedAt);

    [Theory]
    [InlineData("completed_at")]
    [InlineData("conversation")]
    [InlineData("background")]
    [InlineData("usage")]
    [InlineData("service_tier")]
    [InlineData("tools")]
    public void A_response_from_before_a_field_existed_can_be_read(string field) =>
        KeepsEveryField(Without(Samples.CompletedResponse, field), WireJsonContext.Default.ResponseObject);

    [Theory]
    [InlineData("id")]
    [InlineData("status")]
    [InlineData("output")]
    public void A_response_without_what_the_api_promises_is_refused(string field) =>
        Assert.Throws<JsonException>(() => WireJson.ReadResponse(Encoding.UTF8.GetBytes(Without(Samples.CompletedResponse, field))));
}
