using System.Collections.Immutable;

namespace RunLedger.Contract.Samples;

/// <summary>The JSON of a run, field by field. Names and values are JSON text as it will stand there, so that nothing is normalised on the way.</summary>
public sealed record RunJson(ImmutableList<KeyValuePair<string, string>> Fields)
{
    /// <summary>A run that has just been created.</summary>
    public static RunJson Queued(string id, double createdAt = 0, string thread = "thread_1", string model = "gpt-4o", string assistant = "asst_1") => new(
    [
        new("id", $"\"{id}\""), new("object", "\"thread.run\""), new("created_at", Seconds(createdAt)),
        new("assistant_id", $"\"{assistant}\""), new("thread_id", $"\"{thread}\""), new("status", "\"queued\""),
        new("started_at", "null"), new("expires_at", Seconds(createdAt + 600)), new("cancelled_at", "null"), new("failed_at", "null"),
        new("completed_at", "null"), new("required_action", "null"), new("last_error", "null"), new("incomplete_details", "null"),
        new("model", $"\"{model}\""), new("instructions", "\"Be brief.\""), new("tools", "[]"), new("metadata", "{}"), new("usage", "null"),
    ]);

    public RunJson Started(double at) => With("status", "\"in_progress\"").With("started_at", Seconds(at)).With("required_action", "null");

    public RunJson Requeued() => With("status", "\"queued\"").With("started_at", "null").With("required_action", "null");

    public RunJson RequiresAction(string callId, string arguments = "\"{}\"") => With("status", "\"requires_action\"").With(
        "required_action",
        $$$"""
        {"type": "submit_tool_outputs", "submit_tool_outputs": {"tool_calls": [
          {"id": "{{{callId}}}", "type": "function", "function": {"name": "f", "arguments": {{{arguments}}} } }]}}
        """.ReplaceLineEndings(" "));

    public RunJson Completed(double at, long prompt = 10, long completion = 5) =>
        Ended("completed").With("completed_at", Seconds(at)).WithUsage(prompt, completion);

    /// <summary>The run as it ended otherwise.</summary>
    public RunJson Ended(string status) => With("status", $"\"{status}\"").With("expires_at", "null").With("required_action", "null");

    public RunJson WithUsage(long prompt, long completion) =>
        With("usage", $$"""
            {"prompt_tokens": {{prompt}}, "completion_tokens": {{completion}}, "total_tokens": {{prompt + completion}},
             "prompt_token_details": {"cached_tokens": {{prompt / 2}} }, "completion_tokens_details": {"reasoning_tokens": {{completion / 2}} } }
            """.ReplaceLineEndings(" "));

    /// <summary>With one field set, where it stands or at the end.</summary>
    public RunJson With(string name, string value)
    {
        var index = Fields.FindIndex(field => field.Key == name);
        return new(index < 0 ? Fields.Add(new(name, value)) : Fields.SetItem(index, new(name, value)));
    }

    /// <summary>With one more field, though there be one of that name.</summary>
    public RunJson And(string name, string value) => new(Fields.Add(new(name, value)));

    public RunJson Without(string name) => new(Fields.RemoveAll(field => field.Key == name));

    public override string ToString() => $"{{{string.Join(", ", Fields.Select(field => $"\"{field.Key}\": {field.Value}"))}}}";

    private static string Seconds(double second) => $"{(Observed.Epoch + TimeSpan.FromSeconds(second)).ToUnixTimeSeconds()}";
}
