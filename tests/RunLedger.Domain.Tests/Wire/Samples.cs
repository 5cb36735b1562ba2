using System.Text.Json.Nodes;

namespace RunLedger.Domain.Tests.Wire;

/// <summary>Documents in the shape of real traffic, with invented values.</summary>
internal static class Samples
{
    public const string QueuedRun = """
        {
          "id": "run_lighthouse01", "object": "thread.run", "created_at": 1801000000, "assistant_id": "asst_keeper",
          "thread_id": "thread_harbour", "status": "queued", "started_at": null, "expires_at": 1801000600, "cancelled_at": null,
          "failed_at": null, "completed_at": null, "required_action": null, "last_error": null, "model": "gpt-test-1",
          "instructions": "Report the tide.",
          "tools": [
            { "type": "function", "function": { "name": "read_tide", "description": "Height of the tide, in metres",
              "parameters": { "type": "object", "properties": { "port": { "type": "string" } } }, "strict": false } },
            { "type": "code_interpreter" },
            { "type": "file_search", "file_search": { "max_num_results": 7,
              "ranking_options": { "ranker": "auto", "score_threshold": 0.25, "hybrid_search": null } } }
          ],
          "tool_resources": { "code_interpreter": { "file_ids": ["file_chart"] }, "file_search": { "vector_store_ids": [] } },
          "metadata": { "ship": "Aurora" }, "temperature": 1.0, "top_p": 0.9, "reasoning_effort": null,
          "max_completion_tokens": null, "max_prompt_tokens": 4000, "truncation_strategy": { "type": "auto", "last_messages": null },
          "incomplete_details": null, "usage": null, "response_format": "auto", "tool_choice": "auto", "parallel_tool_calls": true
        }
        """;

    public const string Usage = """
        {
          "prompt_tokens": 310, "completion_tokens": 45, "total_tokens": 355,
          "prompt_token_details": { "cached_tokens": 128 }, "completion_tokens_details": { "reasoning_tokens": 9 }
        }
        """;

    public const string CompletedResponse = """
        {
          "id": "resp_tide01", "object": "response", "created_at": 1801000000, "status": "completed", "completed_at": 1801000004,
          "background": false, "error": null, "incomplete_details": null, "instructions": null, "model": "gpt-test-1",
          "output": [
            { "id": "rs_1", "type": "reasoning", "summary": [] },
            { "id": "fc_1", "type": "function_call", "status": "completed", "arguments": "{\"port\":\"Oban\"}", "call_id": "call_1",
              "name": "read_tide" },
            { "id": "msg_1", "type": "message", "status": "completed", "role": "assistant",
              "content": [ { "type": "output_text", "annotations": [], "logprobs": [], "text": "Three metres." } ] }
          ],
          "previous_response_id": "resp_tide00", "conversation": { "id": "conv_harbour" },
          "usage": { "input_tokens": 70, "input_tokens_details": { "cached_tokens": 64 }, "output_tokens": 30,
            "output_tokens_details": { "reasoning_tokens": 12 }, "total_tokens": 100 },
          "tools": [
            { "type": "function", "name": "read_tide", "description": null, "parameters": { "type": "object" }, "strict": true },
            { "type": "web_search", "search_context_size": "low", "user_location": null }
          ],
          "tool_choice": "auto", "parallel_tool_calls": true, "max_tool_calls": null, "metadata": { "ship": "Aurora" },
          "temperature": 1.0, "top_p": 1.0, "max_output_tokens": 500, "service_tier": "default", "store": true, "user": null,
          "text": { "format": { "type": "text" }, "verbosity": "medium" }, "reasoning": { "effort": null, "summary": null }
        }
        """;

    /// <summary>The run as the API shows it in a status.</summary>
    public static string RunIn(string status)
    {
        JsonObject run = JsonNode.Parse(QueuedRun)!.AsObject();
        run["status"] = status;
        if (status != "queued")
            run["started_at"] = 1801000002;

        foreach (var (field, json) in ChangesIn(status))
            run[field] = JsonNode.Parse(json);
        return run.ToJsonString();
    }

    private static (string Field, string Json)[] ChangesIn(string status) => status switch
    {
        "requires_action" => [("required_action", """
            { "type": "submit_tool_outputs", "submit_tool_outputs": { "tool_calls": [
              { "id": "call_1", "type": "function", "function": { "name": "read_tide", "arguments": "{\"port\": \"Oban\"}" } } ] } }
            """)],
        "cancelled" => [("cancelled_at", "1801000009"), ("expires_at", "null"), ("usage", Usage)],
        "failed" => [("failed_at", "1801000009"), ("expires_at", "null"), ("usage", Usage),
            ("last_error", """{ "code": "server_error", "message": "Sorry." }""")],
        "completed" => [("completed_at", "1801000009"), ("expires_at", "null"), ("usage", Usage)],
        "incomplete" => [("completed_at", "1801000009"), ("usage", Usage),
            ("incomplete_details", """{ "reason": "max_prompt_tokens" }""")],
        "expired" => [("usage", Usage)],
        _ => [],
    };
}
