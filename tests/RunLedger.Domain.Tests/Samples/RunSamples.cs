using System.Globalization;

namespace RunLedger.Domain.Tests.Samples;

/// <summary>
/// Runs of the Assistants API as they are seen on the wire, from status to status. Every <c>at</c> is in seconds after the creation.
/// </summary>
public static class RunSamples
{
    /// <summary>A run that has just been created.</summary>
    public static SnapshotSample Run(string id = "run_1") => new SnapshotSample([])
        .WithText("id", id)
        .WithText("object", "thread.run")
        .WithTime("created_at", 0)
        .WithText("assistant_id", "asst_1")
        .WithText("thread_id", "thread_1")
        .WithText("status", "queued")
        .With("started_at", "null")
        .WithTime("expires_at", 600)
        .With("cancelled_at", "null")
        .With("failed_at", "null")
        .With("completed_at", "null")
        .With("required_action", "null")
        .With("last_error", "null")
        .WithText("model", "gpt-4o")
        .With("instructions", "null")
        .With("tools", """[{"type":"function","function":{"name":"get_weather","parameters":{"type":"object"},"strict":false}}]""")
        .With("tool_resources", "{}")
        .With("metadata", "{}")
        .With("temperature", "1.0")
        .With("top_p", "1.0")
        .With("reasoning_effort", "null")
        .With("max_completion_tokens", "null")
        .With("max_prompt_tokens", "null")
        .With("truncation_strategy", """{"type":"auto","last_messages":null}""")
        .With("incomplete_details", "null")
        .With("usage", "null")
        .WithText("response_format", "auto")
        .WithText("tool_choice", "auto")
        .With("parallel_tool_calls", "true");

    public static SnapshotSample Started(this SnapshotSample run, long at = 1) => run.WithStatus("in_progress").WithTime("started_at", at);

    /// <summary>Waiting for the outputs of these calls, each of the function <c>get_weather</c>.</summary>
    public static SnapshotSample Calling(this SnapshotSample run, params string[] callIds) => run.CallingWith([.. callIds.Select(id => Call(id))]);

    /// <summary>Waiting for the outputs of these calls, each as its JSON.</summary>
    public static SnapshotSample CallingWith(this SnapshotSample run, params string[] calls) => run.WithStatus("requires_action").With(
        "required_action", $$$"""{"type":"submit_tool_outputs","submit_tool_outputs":{"tool_calls":[{{{string.Join(",", calls)}}}]}}""");

    /// <summary>A tool call as it stands in <c>required_action</c>.</summary>
    public static string Call(string id, string arguments = """{"city":"Paris"}""") =>
        $$$"""{"id":{{{SnapshotSample.Quoted(id)}}},"type":"function","function":{"name":"get_weather","arguments":{{{SnapshotSample.Quoted(arguments)}}}}}""";

    /// <summary>Back in the queue, as after the submission of tool outputs.</summary>
    public static SnapshotSample Requeued(this SnapshotSample run) => run.WithStatus("queued").With("required_action", "null");

    public static SnapshotSample Cancelling(this SnapshotSample run) => run.WithStatus("cancelling").With("required_action", "null");

    public static SnapshotSample Cancelled(this SnapshotSample run, long at = 9) => run.Ended("cancelled", 100, 0).WithTime("cancelled_at", at);

    public static SnapshotSample Failed(this SnapshotSample run, long at = 9, string code = "rate_limit_exceeded", string message = "Slow down.") => run
        .Ended("failed", 100, 0)
        .WithTime("failed_at", at)
        .With("last_error", Error(code, message));

    public static SnapshotSample Completed(this SnapshotSample run, long at = 9, long prompt = 627, long completion = 34) => run
        .Ended("completed", prompt, completion)
        .WithTime("completed_at", at);

    public static SnapshotSample Incomplete(this SnapshotSample run, long at = 9, string reason = "max_completion_tokens") => run
        .Ended("incomplete", 100, 50)
        .WithTime("completed_at", at)
        .With("incomplete_details", $$"""{"reason":{{SnapshotSample.Quoted(reason)}}}""");

    /// <summary>Expired; the API sets <c>expires_at</c> to null then, as at every end.</summary>
    public static SnapshotSample Expired(this SnapshotSample run) => run.Ended("expired", 100, 0);

    public static SnapshotSample WithMetadata(this SnapshotSample run, string json) => run.With("metadata", json);

    /// <summary>A <c>last_error</c> of a run or an <c>error</c> of a response.</summary>
    public static string Error(string code, string message) =>
        $$"""{"code":{{SnapshotSample.Quoted(code)}},"message":{{SnapshotSample.Quoted(message)}}}""";

    /// <summary>The usage of a run, all five names of it.</summary>
    public static string UsageOf(long prompt, long completion, long? total = null) => string.Create(CultureInfo.InvariantCulture,
        $$"""
        {
          "prompt_tokens":{{prompt}},"completion_tokens":{{completion}},"total_tokens":{{total ?? prompt + completion}},
          "prompt_token_details":{"cached_tokens":0},"completion_tokens_details":{"reasoning_tokens":0}
        }
        """);

    private static SnapshotSample Ended(this SnapshotSample run, string status, long prompt, long completion) =>
        run.WithStatus(status).With("required_action", "null").With("expires_at", "null").With("usage", UsageOf(prompt, completion));
}
