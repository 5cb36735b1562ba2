using System.Text;
using System.Text.Json;
using RunLedger.Domain.Wire;
using static RunLedger.Domain.Tests.Wire.WireAssert;

namespace RunLedger.Domain.Tests.Wire;

public class RequestTests
{
    [Fact]
    public void A_request_to_create_a_run_with_every_field_is_read_and_written_unchanged()
    {
        CreateRunRequest request = RoundTrips("""
            {
              "assistant_id": "asst_keeper", "model": "gpt-test-1", "reasoning_effort": "low", "instructions": "Be brief.",
              "additional_instructions": "Use metres.",
              "additional_messages": [
                { "role": "user", "content": "How high?", "metadata": { "n": "1" } },
                { "role": "assistant", "content": [
                    { "type": "text", "text": "See here." },
                    { "type": "image_file", "image_file": { "file_id": "file_1", "detail": "low" } },
                    { "type": "image_url", "image_url": { "url": "https://example.org/tide.png" } },
                    { "type": "sound", "sound": { "hertz": 440 } } ],
                  "attachments": [ { "file_id": "file_2", "tools": [ { "type": "file_search" }, { "type": "sonar" } ] } ] }
              ],
              "tools": [ { "type": "function", "function": { "name": "read_tide" } } ],
              "metadata": { "ship": "Aurora" }, "temperature": 0.1, "top_p": 0.5, "stream": true, "max_prompt_tokens": 1000,
              "max_completion_tokens": 200, "truncation_strategy": { "type": "last_messages", "last_messages": 4 },
              "tool_choice": { "type": "function", "function": { "name": "read_tide" } }, "parallel_tool_calls": false,
              "response_format": { "type": "json_schema", "json_schema": {
                "name": "tide", "schema": { "type": "object" }, "strict": true } }
            }
            """, WireJsonContext.Default.CreateRunRequest);

        Assert.Equal("asst_keeper", request.AssistantId);
        Assert.Equal("Use metres.", request.AdditionalInstructions);
        Assert.Equal([MessageRole.User, MessageRole.Assistant], request.AdditionalMessages!.Select(message => message.Role));
        Assert.Equal(200, request.MaxCompletionTokens);
        Assert.True(request.Stream);
        Assert.False(request.ParallelToolCalls);
        Assert.Equal(4, request.TruncationStrategy!.LastMessages.Value);
        Assert.Null(request.UnknownFields);
    }

    [Fact]
    public void What_a_request_does_not_set_is_not_written()
    {
        Assert.Equal("""{"assistant_id":"asst_keeper"}""",
            Written(new CreateRunRequest { AssistantId = "asst_keeper" }, WireJsonContext.Default.CreateRunRequest));
        Assert.Equal("{}", Written(new ModifyRunRequest(), WireJsonContext.Default.ModifyRunRequest));
        Assert.Equal("""{"tool_outputs":[{}]}""",
            Written(new SubmitToolOutputsRunRequest { ToolOutputs = [new()] }, WireJsonContext.Default.SubmitToolOutputsRunRequest));
        Assert.Equal("""{"role":"user","content":"Hello"}""",
            Written(
                new CreateMessageRequest { Role = MessageRole.User, Content = new MessageText("Hello") },
                WireJsonContext.Default.CreateMessageRequest));
    }

    [Fact]
    public void A_null_in_a_request_reads_as_not_set()
    {
        var request = WireJson.Read(
            Encoding.UTF8.GetBytes("""{ "assistant_id": "asst_keeper", "model": null, "tool_choice": null, "tools": null }"""),
            WireJsonContext.Default.CreateRunRequest);

        Assert.Equal("""{"assistant_id":"asst_keeper"}""", Written(request, WireJsonContext.Default.CreateRunRequest));
    }

    [Fact]
    public void An_empty_list_in_a_request_is_not_the_same_as_none() =>
        RoundTrips("""{ "assistant_id": "a", "additional_messages": [], "tools": [], "metadata": {} }""",
            WireJsonContext.Default.CreateRunRequest);

    [Fact]
    public void A_request_to_create_a_thread_and_run_it_keeps_the_thread()
    {
        CreateRunRequest request = RoundTrips(
            """{ "assistant_id": "a", "thread": { "messages": [ { "role": "user", "content": "Hi" } ] } }""",
            WireJsonContext.Default.CreateRunRequest);

        Assert.True(request.UnknownFields!.ContainsKey("thread"));
    }

    [Fact]
    public void A_request_without_an_assistant_is_refused()
    {
        var error = Assert.Throws<JsonException>(() => WireJson.Read("""{ "model": "m" }"""u8, WireJsonContext.Default.CreateRunRequest));

        Assert.Contains("'assistant_id'", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{ "metadata": { "ship": "Borealis", "count": 3, "crew": ["Ann", null] } }""")]
    [InlineData("""{ "metadata": {} }""")]
    [InlineData("""{ "note": "no metadata" }""")]
    public void A_request_to_modify_a_run_is_read_and_written_unchanged(string json) =>
        RoundTrips(json, WireJsonContext.Default.ModifyRunRequest);

    [Fact]
    public void A_submission_of_tool_outputs_is_read_and_written_unchanged()
    {
        SubmitToolOutputsRunRequest request = RoundTrips("""
            { "tool_outputs": [ { "tool_call_id": "call_1", "output": "3.2 m" }, { "tool_call_id": "call_2" },
              { "output": "", "confidence": 0.5 } ], "stream": false, "trace": "t1" }
            """, WireJsonContext.Default.SubmitToolOutputsRunRequest);

        Assert.Equal("call_1", request.ToolOutputs[0].ToolCallId);
        Assert.Equal("3.2 m", request.ToolOutputs[0].Output);
        Assert.Null(request.ToolOutputs[1].Output);
        Assert.Equal("", request.ToolOutputs[2].Output);
        Assert.False(request.Stream);
    }

    [Fact]
    public void A_null_among_tool_outputs_is_refused() =>
        Assert.Throws<JsonException>(
            () => WireJson.Read("""{ "tool_outputs": [null] }"""u8, WireJsonContext.Default.SubmitToolOutputsRunRequest));

    [Theory]
    [InlineData("\"How high?\"", typeof(MessageText))]
    [InlineData("""[ { "type": "text", "text": "How high?" } ]""", typeof(MessageParts))]
    [InlineData("[]", typeof(MessageParts))]
    [InlineData("""{ "template": "tide", "port": "Oban" }""", typeof(MessageContentUnknown))]
    [InlineData("42", typeof(MessageContentUnknown))]
    public void The_content_of_a_message_has_the_shape_that_was_sent(string content, Type shape)
    {
        CreateMessageRequest message = RoundTrips(
            $$"""{ "role": "pilot", "content": {{content}}, "priority": 1 }""",
            WireJsonContext.Default.CreateMessageRequest);

        Assert.IsType(shape, message.Content);
        Assert.False(message.Role.IsKnown);
    }

    [Fact]
    public void A_message_without_content_is_refused() =>
        Assert.Throws<JsonException>(
            () => WireJson.Read("""{ "role": "user", "content": null }"""u8, WireJsonContext.Default.CreateMessageRequest));
}
