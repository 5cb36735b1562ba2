using System.Globalization;

namespace RunLedger.Domain.Tests.Samples;

/// <summary>Responses of the Responses API as they are seen on the wire.</summary>
public static class ResponseSamples
{
    /// <summary>A background response that has just been created.</summary>
    public static SnapshotSample Response(string id = "resp_1") => new SnapshotSample([])
        .WithText("id", id)
        .WithText("object", "response")
        .WithTime("created_at", 0)
        .WithStatus("queued")
        .With("background", "true")
        .With("error", "null")
        .With("incomplete_details", "null")
        .With("instructions", "null")
        .With("max_output_tokens", "null")
        .WithText("model", "gpt-4.1-mini-2025-04-14")
        .With("output", "[]")
        .With("parallel_tool_calls", "true")
        .With("previous_response_id", "null")
        .With("reasoning", """{"effort":null,"summary":null}""")
        .With("store", "true")
        .With("temperature", "1.0")
        .With("text", """{"format":{"type":"text"},"verbosity":"medium"}""")
        .WithText("tool_choice", "auto")
        .With("tools", "[]")
        .With("top_p", "1.0")
        .WithText("truncation", "disabled")
        .With("usage", "null")
        .With("user", "null")
        .With("metadata", "{}");

    public static SnapshotSample InProgress(this SnapshotSample response) => response.WithStatus("in_progress");

    /// <summary>Completed with these output items.</summary>
    public static SnapshotSample Answered(this SnapshotSample response, params string[] output) => response
        .WithStatus("completed")
        .With("output", $"[{string.Join(",", output)}]")
        .With("usage", UsageOf(74, 20));

    /// <summary>Failed, for the reason that <c>error</c> tells.</summary>
    public static SnapshotSample Broken(this SnapshotSample response, string code, string message) =>
        response.WithStatus("failed").With("error", RunSamples.Error(code, message));

    public static string Message(string text) =>
        $$"""
        {
          "id":"msg_1","type":"message","status":"completed","role":"assistant",
          "content":[{"type":"output_text","annotations":[],"text":{{SnapshotSample.Quoted(text)}}}]
        }
        """;

    public static string FunctionCall(string callId, string name = "get_weather", string arguments = """{"city":"Paris"}""") =>
        $$"""
        {
          "id":"fc_1","type":"function_call","status":"completed","arguments":{{SnapshotSample.Quoted(arguments)}},
          "call_id":{{SnapshotSample.Quoted(callId)}},"name":{{SnapshotSample.Quoted(name)}}
        }
        """;

    /// <summary>The usage of a response, all five names of it.</summary>
    public static string UsageOf(long input, long output, long cached = 0, long reasoning = 0) => string.Create(CultureInfo.InvariantCulture,
        $$"""
        {
          "input_tokens":{{input}},"input_tokens_details":{"cached_tokens":{{cached}} },
          "output_tokens":{{output}},"output_tokens_details":{"reasoning_tokens":{{reasoning}} },
          "total_tokens":{{input + output}}
        }
        """);
}
