using System.Text.Json;
using System.Text.Json.Nodes;

namespace RunLedger.Host.Tests.Api;

/// <summary>Snapshots such as the APIs show them.</summary>
internal static class Samples
{
    public const long Epoch = 1_780_000_000;

    /// <summary>A run of the Assistants API.</summary>
    public static string Run(
        string id, string status = "completed", long at = Epoch, string thread = "thread_1", string model = "gpt-4o", string assistant = "asst_1",
        (string Key, string Value)? metadata = null, Action<JsonObject>? change = null)
    {
        var ended = status is "completed" or "failed" or "cancelled" or "incomplete" or "expired";
        var run = new JsonObject
        {
            ["id"] = id,
            ["object"] = "thread.run",
            ["created_at"] = at,
            ["assistant_id"] = assistant,
            ["thread_id"] = thread,
            ["status"] = status,
            ["started_at"] = status == "queued" ? null : at + 1,
            ["expires_at"] = ended ? null : at + 600,
            ["cancelled_at"] = status == "cancelled" ? at + 5 : null,
            ["failed_at"] = status == "failed" ? at + 5 : null,
            ["completed_at"] = status is "completed" or "incomplete" ? at + 5 : null,
            ["required_action"] = null,
            ["last_error"] = status == "failed" ? new JsonObject { ["code"] = "server_error", ["message"] = "Sorry, something went wrong." } : null,
            ["incomplete_details"] = null,
            ["model"] = model,
            ["instructions"] = "You are a helpful assistant.",
            ["tools"] = new JsonArray(),
            ["metadata"] = metadata is { } pair ? new JsonObject { [pair.Key] = pair.Value } : new JsonObject(),
            ["usage"] = ended ? Usage(100, 20) : null,
            ["temperature"] = 1.0,
            ["top_p"] = 1.0,
            ["max_prompt_tokens"] = null,
            ["max_completion_tokens"] = null,
            ["truncation_strategy"] = new JsonObject { ["type"] = "auto", ["last_messages"] = null },
            ["response_format"] = "auto",
            ["tool_choice"] = "auto",
            ["parallel_tool_calls"] = true,
        };
        change?.Invoke(run);
        return run.ToJsonString();
    }

    /// <summary>A response of the Responses API.</summary>
    public static string Response(string id, string status = "completed", long at = Epoch, string model = "gpt-4.1", string text = "Hello.") => new JsonObject
    {
        ["id"] = id,
        ["object"] = "response",
        ["created_at"] = at,
        ["status"] = status,
        ["background"] = false,
        ["completed_at"] = status == "completed" ? at + 5 : null,
        ["error"] = null,
        ["incomplete_details"] = null,
        ["instructions"] = null,
        ["max_output_tokens"] = null,
        ["model"] = model,
        ["output"] = new JsonArray(new JsonObject
        {
            ["id"] = "msg_" + id,
            ["type"] = "message",
            ["status"] = "completed",
            ["role"] = "assistant",
            ["content"] = new JsonArray(new JsonObject { ["type"] = "output_text", ["annotations"] = new JsonArray(), ["text"] = text }),
        }),
        ["parallel_tool_calls"] = true,
        ["previous_response_id"] = null,
        ["store"] = true,
        ["temperature"] = 1.0,
        ["tool_choice"] = "auto",
        ["tools"] = new JsonArray(),
        ["top_p"] = 1.0,
        ["truncation"] = "disabled",
        ["usage"] = new JsonObject
        {
            ["input_tokens"] = 30,
            ["input_tokens_details"] = new JsonObject { ["cached_tokens"] = 10 },
            ["output_tokens"] = 12,
            ["output_tokens_details"] = new JsonObject { ["reasoning_tokens"] = 4 },
            ["total_tokens"] = 42,
        },
        ["metadata"] = new JsonObject(),
    }.ToJsonString();

    /// <summary>A snapshot with the time at which it was seen.</summary>
    public static string Envelope(string snapshot, long observedAt) =>
        $$"""{"observed_at":"{{DateTimeOffset.FromUnixTimeSeconds(observedAt):yyyy-MM-dd'T'HH:mm:ss'Z'}}","source":"poll","snapshot":{{snapshot}}}""";

    public static JsonObject Usage(long prompt, long completion) =>
        new() { ["prompt_tokens"] = prompt, ["completion_tokens"] = completion, ["total_tokens"] = prompt + completion };

    /// <summary>Whether two texts are the same JSON.</summary>
    public static void AssertSame(string expected, JsonElement actual) =>
        Assert.True(JsonElement.DeepEquals(JsonDocument.Parse(expected).RootElement, actual), $"Expected {expected}\nbut got {actual.GetRawText()}");
}
