using RunLedger.Domain.Tests.Samples;

namespace RunLedger.Domain.Tests.Observations;

public class SnapshotRulesTests
{
    private static readonly SnapshotSample Run = RunSamples.Run();
    private static readonly SnapshotSample Response = ResponseSamples.Response();

    public static TheoryData<string, SnapshotSample, string> Defective => new()
    {
        { "object", Run.Without("object"), "is missing" },
        { "object", Run.WithText("object", "thread.message"), "\"thread.message\"" },
        { "object", Run.With("object", "null"), "is null" },
        { "id", Run.Without("id"), "is missing" },
        { "id", Run.With("id", "null"), "is null" },
        { "id", Run.With("id", "7"), "is 7, not a string" },
        { "id", Run.WithText("id", ""), "is empty" },
        { "id", Run.WithText("id", new string('x', 513)), "longer than 512 bytes" },
        { "thread_id", Run.WithText("thread_id", new string('漢', 171)), "longer than 512 bytes" },
        { "assistant_id", Run.WithText("assistant_id", new string('漢', 171)), "longer than 512 bytes" },
        { "model", Run.WithText("model", string.Concat(Enumerable.Repeat("😀", 129))), "longer than 512 bytes" },
        { "conversation", Response.WithText("conversation", new string('x', 513)), "longer than 512 bytes" },
        { "conversation.id", Response.With("conversation", $$"""{"id":"{{new string('x', 513)}}"}"""), "longer than 512 bytes" },
        { "id", Run.WithText("id", "a\0"), "U+0000" },
        { "id", Run.WithText("id", "a\ud800"), "lone surrogate" },
        { "id", Run.WithText("id", "\udc00\ud800"), "lone surrogate" },
        { "thread_id", Run.Without("thread_id"), "is missing" },
        { "thread_id", Run.With("thread_id", "[]"), "not a string" },
        { "status", Run.Without("status"), "is missing" },
        { "status", Run.With("status", "true"), "not a string" },
        { "assistant_id", Run.With("assistant_id", "{}"), "not a string" },
        { "model", Run.With("model", "4"), "not a string" },
        { "created_at", Run.Without("created_at"), "is missing" },
        { "created_at", Run.With("created_at", "null"), "is null" },
        { "created_at", Run.With("created_at", "\"2025-10-30\""), "not a number of seconds" },
        { "created_at", Run.With("created_at", "1761861679000"), "milliseconds" },
        { "created_at", Run.With("created_at", "-1"), "1970" },
        { "started_at", Run.With("started_at", "1e400"), "not a time" },
        { "expires_at", Run.With("expires_at", "\"soon\""), "not a number" },
        { "cancelled_at", Run.With("cancelled_at", "[]"), "not a number" },
        { "failed_at", Run.With("failed_at", "-5"), "not a time" },
        { "completed_at", Run.With("completed_at", "{}"), "not a number" },
        { "metadata", Run.With("metadata", "[]"), "not an object" },
        { "tools", Run.With("tools", "{}"), "not an array" },
        { "output", Response.With("output", "\"Hello\""), "not an array" },
        { "required_action", Run.With("required_action", "[]"), "not an object" },
        { "last_error", Run.With("last_error", "\"broken\""), "not an object" },
        { "incomplete_details", Run.With("incomplete_details", "1"), "not an object" },
        { "usage", Run.With("usage", "7"), "not an object" },
        { "usage.prompt_tokens", Run.With("usage", """{"prompt_tokens":-1}"""), "cannot be negative" },
        { "usage.completion_tokens", Run.With("usage", """{"completion_tokens":1.5}"""), "is whole" },
        { "usage.total_tokens", Run.With("usage", """{"total_tokens":"many"}"""), "not a number" },
        { "usage.total_tokens", Run.With("usage", """{"total_tokens":1e13}"""), "more tokens" },
        { "usage.input_tokens", Response.With("usage", """{"input_tokens":[]}"""), "not a number" },
        { "usage.output_tokens", Response.With("usage", """{"output_tokens":1e400}"""), "more tokens" },
        { "usage.prompt_token_details.cached_tokens", Run.With("usage", """{"prompt_token_details":{"cached_tokens":-1}}"""), "cannot be negative" },
        { "usage.output_tokens_details.reasoning_tokens", Response.With("usage", """{"output_tokens_details":{"reasoning_tokens":"x"}}"""), "not a number" },
    };

    public static TheoryData<string, SnapshotSample> Good => new()
    {
        { "as the API writes it", Run },
        { "a response needs no thread", Response },
        { "timestamps with a fraction of zero", Run.With("created_at", "1761861679.0").With("expires_at", "1.761862279e9") },
        { "no assistant", Run.With("assistant_id", "null") },
        { "an empty assistant", Run.WithText("assistant_id", "") },
        { "no model", Run.Without("model") },
        { "timestamps left out", Run.Without("started_at").Without("expires_at") },
        { "a status of tomorrow", Run.WithStatus("pondering") },
        { "a run that was created when time began", Run.With("created_at", "0") },
        { "a run of the last second", Run.With("created_at", "253402300799") },
        { "an id of the greatest length", Run.WithText("id", new string('x', 512)) },
        { "an id beyond ASCII", Run.WithText("id", "run_😀") },
        { "a model of the greatest length beyond ASCII", Run.WithText("model", string.Concat(Enumerable.Repeat("😀", 128))) },
        { "a run's field that is a key of responses only", Run.WithText("conversation", new string('x', 513)) },
        { "a conversation of a shape of tomorrow", Response.With("conversation", """[{"id":7}]""") },
        { "usage with counts that are written otherwise", Run.With("usage", """{"prompt_tokens":1e3,"completion_tokens":2.0,"total_tokens":null}""") },
        { "usage with details of a shape of tomorrow", Run.With("usage", """{"prompt_token_details":[1],"seconds":-1.5}""") },
        { "nothing where there may be nothing", Run.With("metadata", "null").With("tools", "null").With("usage", "null").With("last_error", "null") },
    };

    [Theory]
    [MemberData(nameof(Defective))]
    public void A_defect_names_its_field_and_says_what_is_wrong(string field, SnapshotSample sample, string reason)
    {
        var defect = sample.Read().Defect;
        Assert.NotNull(defect);
        Assert.Equal(field, defect.Field);
        Assert.Contains(reason, defect.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Good))]
    public void The_good_is_accepted(string what, SnapshotSample sample) =>
        Assert.True(sample.Read() is { Defect: null, Value: not null }, $"{what}: {sample.Read().Defect}");

    [Theory]
    [InlineData("")]
    [InlineData("a")]
    public void A_long_value_is_shown_in_part_and_no_character_in_half(string start)
    {
        var reason = Run.With("metadata", $"\"{start}{string.Concat(Enumerable.Repeat("😀", 100))}\"").Read().Defect!.Reason;
        var shown = reason.EnumerateRunes().ToArray();
        Assert.DoesNotContain(new System.Text.Rune('\ufffd'), shown);
        Assert.InRange(shown.Length, 30, 90);
    }
}
