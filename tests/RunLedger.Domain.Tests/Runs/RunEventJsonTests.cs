using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using RunLedger.Domain.Json;
using RunLedger.Domain.Runs;
using RunLedger.Domain.Tests.Samples;

namespace RunLedger.Domain.Tests.Runs;

public class RunEventJsonTests
{
    private static readonly Sighting Sighting = new(SnapshotSample.At(1), SnapshotSample.At(2.123456), Evidence.Seen, "poll");

    private static readonly Gen<FieldChanges> Changes =
        from count in Gen.Choose(0, 4)
        from names in Gen.ListOf(RandomJson.Text, count)
        from values in Gen.ListOf(RandomJson.Value, count)
        from removed in Gen.ListOf(RandomJson.Text, 2)
        let fields = names.Zip(values, (name, value) => new Field(name, FieldValue.Of(Text(value)))).DistinctBy(field => field.Name)
        select new FieldChanges(
            [.. fields.OrderBy(field => field.Name, StringComparer.Ordinal)],
            [.. removed.Except(names).Order(StringComparer.Ordinal)]);

    private static readonly Gen<RunEvent> AnyEvent =
        from changes in Changes
        from json in RandomJson.Value
        from text in RandomJson.Text
        from other in RandomJson.Text
        from runEvent in Gen.Elements<RunEvent>(
            new RunRequested(Sighting, FieldValue.Of(Text(json))) { Answered = 3 },
            new RunQueued(Sighting, changes),
            new RunStarted(Sighting with { Evidence = Evidence.Inferred }, changes),
            new ToolCallsRequired(Sighting, [new ToolCall(text, other, null), new ToolCall(other, "function", text)], changes),
            new ToolOutputsSubmitted(Sighting, null, changes),
            new ToolOutputsSubmitted(Sighting, FieldValue.Of(Text(json)), changes),
            new RunModified(Sighting, FieldValue.Of(Text(json)), null, changes),
            new RunModified(Sighting, null, FieldValue.Of(Text(json)), changes),
            new RunCancelling(Sighting, changes),
            new RunCancelled(Sighting, changes),
            new RunFailed(Sighting, changes),
            new RunCompleted(Sighting, changes),
            new RunIncomplete(Sighting, changes),
            new RunExpired(Sighting, changes),
            new RunDetailsChanged(Sighting, changes) { Closes = Digest.Of([1]) },
            new LateObservationRecorded(Sighting, [new ToolCall(text, other, other)], changes),
            new LateObservationRecorded(Sighting, [], changes) { SeenAgainAt = Sighting.ObservedAt.AddSeconds(1) },
            new ContradictionObserved(Sighting, [new Contradiction("status", Text(json), null), new Contradiction("x", Text("1"), Text(json))], Withheld: true, changes))
        select runEvent;

    [Fact]
    public void Every_event_comes_back_from_jsonb_with_its_meaning() => Properties.Hold(
        AnyEvent,
        runEvent => Assert.Equal(RunEventMeaning.Of(runEvent), RunEventMeaning.Of(RecordedRun.Stored(runEvent))),
        count: 1_000);

    [Fact]
    public void An_event_that_came_back_is_written_again_with_the_same_meaning() => Properties.Hold(
        AnyEvent,
        runEvent => JsonMeaning.AssertSame(RecordedRun.Written(RecordedRun.Stored(runEvent)), RecordedRun.Written(RecordedRun.Stored(RecordedRun.Stored(runEvent)))));

    [Fact]
    public void The_json_is_snake_case_with_times_to_the_microsecond()
    {
        var changes = new FieldChanges([new Field("status", FieldValue.Of(Text("\"in_progress\"")))], ["shoe_size"]);
        var written = RecordedRun.Written(new RunStarted(Sighting, changes) { Closes = Digest.Of([]) });

        JsonMeaning.AssertSame(
            """
            {
              "occurred_at": "2025-10-30T22:01:20.000000Z", "observed_at": "2025-10-30T22:01:21.123456Z", "evidence": "seen", "source": "poll",
              "closes": "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU", "set": {"status": "in_progress"}, "removed": ["shoe_size"]
            }
            """,
            written);
    }

    [Theory]
    [InlineData("{\"a\":1}", "{\"a\":1}")]
    [InlineData("[{\"$json\":1}]", "[{\"$json\":1}]")]
    [InlineData("\"\\u0000\"", "{\"$json\":\"\\\"\\\\u0000\\\"\"}")]
    [InlineData("{\"$json\":\"1\"}", "{\"$json\":\"{\\\"$json\\\":\\\"1\\\"}\"}")]
    [InlineData("1e400000", "{\"$json\":\"1e400000\"}")]
    public void Only_what_jsonb_would_not_keep_is_written_as_a_string_of_json(string value, string stored)
    {
        var written = RecordedRun.Written(new RunQueued(Sighting, new FieldChanges([new Field("x", FieldValue.Of(Text(value)))], [])));
        Assert.StartsWith($"{{\"set\":{{\"x\":{stored}}},", written.Replace("\\u0022", "\\\"", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public void Names_stand_in_the_order_in_which_jsonb_keeps_them() => Properties.Hold(
        AnyEvent,
        runEvent =>
        {
            using var written = JsonDocument.Parse(RecordedRun.Written(runEvent), new() { MaxDepth = JsonText.MaxDepth * 2 });
            AssertInOrder(written.RootElement);
            if (written.RootElement.TryGetProperty("set", out var set) && set.EnumerateObject().All(field => Ascii.IsValid(field.Name))) AssertInOrder(set);
            if (written.RootElement.TryGetProperty("tool_calls", out var calls)) Assert.All(calls.EnumerateArray(), AssertInOrder);
            if (written.RootElement.TryGetProperty("contradictions", out var contradictions)) Assert.All(contradictions.EnumerateArray(), AssertInOrder);
        });

    [Fact]
    public void Any_number_of_fields_stands_in_that_order() => Properties.Hold(
        from count in Gen.Elements(1, 2, 63, 64, 65, 66, 300)
        from lengths in Gen.ListOf(Gen.Choose(1, 40), count)
        select lengths.Select((length, index) => $"{(char)('a' + index * 7 % 26)}{new string('x', length)}{index}").ToArray(),
        names => AssertInOrder(names),
        count: 100);

    [Fact]
    public void A_hundred_thousand_long_names_before_as_many_short_ones_are_put_in_order_too() =>
        AssertInOrder([.. Enumerable.Range(0, 200_000).Select(index => index < 100_000 ? $"a{index:D12}" : $"b{index:D6}")]);

    [Fact]
    public void A_large_value_is_referred_to_by_its_digest_and_size()
    {
        var text = $"\"{new string('x', 5_000)}\"";
        var runEvent = new RunQueued(Sighting, new FieldChanges([new Field("instructions", FieldValue.Of(Text(text)))], []));

        var stored = Assert.IsType<FieldValue.Large>(RecordedRun.Stored(runEvent).Changes.Set.Single().Value);
        Assert.Equal(new ContentReference(Digest.Of(Encoding.UTF8.GetBytes(text)), 5_002), stored.Reference);
        Assert.Null(stored.Content);
        Assert.Equal(text, Assert.Single(runEvent.LargeValues()).Content.ToString());
    }

    [Theory]
    [InlineData("run_teleported", "{}")]
    [InlineData("run_queued", "{}")]
    [InlineData("run_queued", """{"occurred_at":"2025-10-30T22:01:20Z","observed_at":"2025-10-30T22:01:20Z","evidence":"seen"}""")]
    [InlineData("run_requested", """{"occurred_at":"2025-10-30T22:01:20Z","observed_at":"2025-10-30T22:01:20Z","evidence":"seen","source":"poll"}""")]
    public void What_is_no_event_is_refused(string alias, string data) =>
        Assert.Throws<InvalidDataException>(() => RunEventJson.Read(alias, Text(data)));

    [Theory]
    [InlineData("tool_calls_required", "\"tool_calls\":[{\"type\":\"function\"}]", "tool_calls.id")]
    [InlineData("tool_calls_required", "\"tool_calls\":[5]", "tool_calls.id")]
    [InlineData("tool_calls_required", "\"tool_calls\":[{\"id\":\"call_1\"}]", "tool_calls.type")]
    [InlineData("contradiction_observed_v2", "\"contradictions\":[{\"recorded\":1}]", "contradictions.field")]
    [InlineData("contradiction_observed_v2", "\"contradictions\":[{\"field\":5,\"recorded\":1}]", "contradictions.field")]
    [InlineData("contradiction_observed_v2", "\"contradictions\":[{\"field\":\"x\"}]", "recorded")]
    [InlineData("contradiction_observed", "\"contradictions\":[{\"recorded\":\"1\"}]", "contradictions.field")]
    [InlineData("run_queued", "\"removed\":[5]", "removed")]
    [InlineData("run_queued", "\"set\":{\"x\":{\"$json\":5}}", "$json")]
    [InlineData("run_queued", "\"set\":{\"x\":{\"$content\":\"47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU\"}}", "bytes")]
    public void A_property_that_an_event_lacks_is_named(string alias, string property, string named)
    {
        var data = $$"""{"occurred_at":"2025-10-30T22:01:20Z","observed_at":"2025-10-30T22:01:20Z","evidence":"seen","source":"poll",{{property}}}""";
        var refused = Assert.Throws<InvalidDataException>(() => RunEventJson.Read(alias, Text(data)));
        Assert.Contains($" no {named}", refused.Message, StringComparison.Ordinal);
    }

    private static void AssertInOrder(string[] names)
    {
        var fields = names.Order(StringComparer.Ordinal).Select(name => new Field(name, FieldValue.Of(Text("1"))));
        using var written = JsonDocument.Parse(RecordedRun.Written(new RunQueued(Sighting, new FieldChanges([.. fields], []))));
        Assert.Equal(
            names.OrderBy(name => name.Length).ThenBy(name => name, StringComparer.Ordinal),
            written.RootElement.GetProperty("set").EnumerateObject().Select(field => field.Name));
    }

    private static void AssertInOrder(JsonElement written)
    {
        var names = written.EnumerateObject().Where(property => !property.Name.StartsWith('$')).Select(property => property.Name).ToList();
        Assert.Equal(names.OrderBy(name => name.Length).ThenBy(name => name, StringComparer.Ordinal), names);
    }

    private static JsonText Text(string json) => new(Encoding.UTF8.GetBytes(json));
}
