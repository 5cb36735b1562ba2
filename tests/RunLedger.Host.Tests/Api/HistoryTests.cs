using System.Text.Json.Nodes;

namespace RunLedger.Host.Tests.Api;

[Collection(TestDatabase.Collection)]
public sealed class HistoryTests(TestApi api) : IClassFixture<TestApi>
{
    private static readonly string Instructions = new('i', 3_000);

    [Fact]
    public async Task The_history_tells_what_happened_when_and_how_it_is_known()
    {
        await api.Client.PushAsync(
            Samples.Envelope(Samples.Run("run_history", "queued"), Samples.Epoch),
            Samples.Envelope(Samples.Run("run_history", "requires_action", change: Calls), Samples.Epoch + 5),
            Samples.Envelope(Samples.Run("run_history", "completed"), Samples.Epoch + 9));

        var history = await api.Client.GetJsonAsync("/v1/runs/run_history/events");

        Assert.Equal("list", history.GetProperty("object").GetString());
        var events = history.GetProperty("data").EnumerateArray().ToList();
        Assert.Equal(
            ["run_queued", "run_started", "tool_calls_required", "tool_outputs_submitted", "run_completed"],
            events.Select(happened => happened.GetProperty("type").GetString()));
        Assert.Equal(Enumerable.Range(1, 5).Select(version => (long)version), events.Select(happened => happened.GetProperty("version").GetInt64()));
        Assert.Equal(["seen", "inferred", "seen", "inferred", "seen"], events.Select(happened => happened.GetProperty("evidence").GetString()));
        Assert.All(events, happened => Assert.Equal("poll", happened.GetProperty("source").GetString()));

        var started = events[1];
        Assert.Equal("2026-05-28T20:26:41Z", started.GetProperty("occurred_at").GetString());
        Assert.Equal("2026-05-28T20:26:45Z", started.GetProperty("observed_at").GetString());
        Samples.AssertSame("""{"set":{"started_at":1780000001},"removed":[]}""", started.GetProperty("changes"));
        Samples.AssertSame("""[{"id":"call_1","type":"function","name":"look_up"}]""", events[2].GetProperty("tool_calls"));
        Assert.True(events[2].TryGetProperty("closes", out _));
        Assert.False(started.TryGetProperty("closes", out _));
    }

    [Fact]
    public async Task Large_values_are_references_unless_they_are_resolved()
    {
        await api.Client.PushAsync(Samples.Run("run_resolve", "queued", change: run => run["instructions"] = Instructions));

        var short_ = await api.Client.GetJsonAsync("/v1/runs/run_resolve/events");
        var reference = short_.GetProperty("data")[0].GetProperty("changes").GetProperty("set").GetProperty("instructions");
        Assert.Equal(Instructions.Length + 2, reference.GetProperty("bytes").GetInt32());
        Assert.Equal(43, reference.GetProperty("$content").GetString()!.Length);

        var full = await api.Client.GetJsonAsync("/v1/runs/run_resolve/events?resolve=true");
        Assert.Equal(Instructions, full.GetProperty("data")[0].GetProperty("changes").GetProperty("set").GetProperty("instructions").GetString());
    }

    [Fact]
    public async Task A_captured_request_stands_with_its_event()
    {
        var envelope = $$$"""
            {"observed_at":"2026-05-28T20:26:40Z","snapshot":{{{Samples.Run("run_request", "queued")}}},
             "request":{"kind":"create","body":{"assistant_id":"asst_1","note":"{{{Instructions}}}"} } }
            """;
        (await api.Client.PostAsync("/v1/observations", Requests.Json(envelope))).EnsureSuccessStatusCode();

        var history = await api.Client.GetJsonAsync("/v1/runs/run_request/events?resolve=true");

        var requested = history.GetProperty("data")[0];
        Assert.Equal("run_requested", requested.GetProperty("type").GetString());
        Assert.Equal(Instructions, requested.GetProperty("request").GetProperty("note").GetString());
    }

    [Fact]
    public async Task Contradictions_and_changes_that_text_cannot_hold_are_told_exactly()
    {
        await api.Client.PushAsync(
            Samples.Run("run_odd", change: run => run["usage"]!["total_tokens"] = 7)[..^1] + ""","\ud800":"\u0000","$x":{"$y":1}}""");

        var body = await api.Client.GetStringAsync("/v1/runs/run_odd/events");
        var events = JsonNode.Parse(body)!["data"]!.AsArray();

        Assert.Contains("""
            "\ud800":"\u0000"
            """.Trim(), body);
        Assert.Contains("""
            "$x":{"$y":1}
            """.Trim(), body);
        var contradiction = events.Single(happened => (string)happened!["type"]! == "contradiction_observed")!;
        Assert.Equal("""[{"field":"usage.total_tokens","recorded":"120","observed":"7"}]""", contradiction["contradictions"]!.ToJsonString());
        Assert.False((bool)contradiction["withheld"]!);
    }

    [Fact]
    public async Task A_bad_parameter_is_named()
    {
        await api.Client.PushAsync(Samples.Run("run_named"));

        Assert.Equal("resolve", (await api.Client.ProblemAsync(400, "/v1/runs/run_named/events?resolve=maybe")).GetProperty("parameter").GetString());
    }

    private static void Calls(JsonObject run) => run["required_action"] = JsonNode.Parse(
        """
        {"type":"submit_tool_outputs","submit_tool_outputs":{"tool_calls":[
          {"id":"call_1","type":"function","function":{"name":"look_up","arguments":"{}"}}]}}
        """);
}
