using System.Text.Json.Nodes;

namespace RunLedger.Host.Tests.Api;

[Collection(TestDatabase.Collection)]
public sealed class RunListTests(TestApi api) : IClassFixture<TestApi>
{
    [Fact]
    public async Task A_view_has_all_that_a_table_needs()
    {
        await api.Client.PushAsync(Samples.Run("run_view", "failed", metadata: ("team", "blue")));

        Samples.AssertSame(
            """
            {
              "run_id":"run_view","kind":"thread.run","thread_id":"thread_1","assistant_id":"asst_1","model":"gpt-4o","status":"failed",
              "created_at":"2026-05-28T20:26:40Z","started_at":"2026-05-28T20:26:41Z","ended_at":"2026-05-28T20:26:45Z","expires_at":null,
              "first_observed_at":"2026-05-28T21:00:00Z","last_observed_at":"2026-05-28T21:00:00Z","version":3,"metadata":{"team":"blue"},
              "error_code":"server_error","error_message":"Sorry, something went wrong.","incomplete_reason":null,"tool_calls":0,
              "late_observations":0,"contradictions":0,
              "usage":{"prompt_tokens":100,"completion_tokens":20,"total_tokens":120,"cached_tokens":0,"reasoning_tokens":0}
            }
            """,
            await Observed("run_view", Samples.Run("run_view", "failed", metadata: ("team", "blue"))));
    }

    [Fact]
    public async Task Pages_lead_through_all_runs_newest_first()
    {
        await api.Client.PushAsync([.. Enumerable.Range(0, 25).Select(i => Samples.Run($"run_page_{i:00}", at: Samples.Epoch + i / 3, model: "gpt-pages"))]);

        var (seen, cursor) = (new List<string>(), "");
        for (var pages = 0; cursor is not null; pages++)
        {
            Assert.InRange(pages, 0, 3);
            var page = await api.Client.GetJsonAsync($"/v1/runs?model=gpt-pages&limit=7{(cursor == "" ? "" : "&cursor=" + cursor)}");
            seen.AddRange(page.Ids());
            cursor = page.GetProperty("next_cursor").GetString();
        }

        Assert.Equal(Enumerable.Range(0, 25).Select(i => $"run_page_{i:00}").Reverse(), seen);
    }

    [Theory]
    [InlineData("status=failed", "f_2")]
    [InlineData("status=unheard_of", "")]
    [InlineData("model=gpt-f2", "f_2")]
    [InlineData("assistant_id=asst_f1", "f_1")]
    [InlineData("assistant=asst_f1", "f_1")]
    [InlineData("thread_id=thread_f3", "f_3")]
    [InlineData("thread=thread_f3", "f_3")]
    [InlineData("metadata.team=red", "f_1")]
    [InlineData("metadata=team=red", "f_1")]
    [InlineData("metadata=team=red&metadata.team2=x", "")]
    [InlineData("metadata.n=5", "f_2")]
    [InlineData("metadata.n=5.0", "")]
    [InlineData("metadata.n=1.50&metadata.team=red", "f_1")]
    [InlineData("metadata.n=1.5", "")]
    [InlineData("metadata.on=true", "f_2,f_1")]
    [InlineData("metadata.on=false", "")]
    [InlineData("metadata.in={}", "")]
    [InlineData("metadata.n=&kind=thread.run", "f_3")]
    [InlineData("metadata.in=&metadata.n=5", "f_2")]
    [InlineData("model=&kind=thread.run", "f_3")]
    [InlineData("assistant=&kind=response", "f_4")]
    [InlineData("thread=", "f_4")]
    [InlineData("kind=response&model=gpt-4.1", "f_4")]
    [InlineData("since=2030-01-02&until=2030-01-03T00:00:00Z&kind=thread.run", "f_2")]
    [InlineData("since=1893542400&until=1893628800&kind=thread.run", "f_2")]
    public async Task Filters_narrow_the_list(string query, string expected)
    {
        const long Day = 86_400, Start = 1_893_456_000; // 2030-01-01
        await api.Client.PushAsync(
            Samples.Run("f_1", at: Start, assistant: "asst_f1", change: WithMetadata("""{"team":"red","n":1.50,"on":"true"}""")),
            Samples.Run("f_2", "failed", at: Start + Day, model: "gpt-f2", change: WithMetadata("""{"n":5,"on":true,"in":{}}""")),
            Samples.Run("f_3", "queued", at: Start + 2 * Day, thread: "thread_f3", change: run => run.Remove("model")),
            Samples.Response("f_4", at: Start + Day));

        var found = await api.Client.GetJsonAsync($"/v1/runs?{query}&{(query.Contains("since") ? "" : "since=2029-12-31")}".TrimEnd('&'));

        Assert.Equal(expected.Split(',', StringSplitOptions.RemoveEmptyEntries), found.Ids());
    }

    [Theory]
    [InlineData("limit=1001", "limit")]
    [InlineData("limit=-1", "limit")]
    [InlineData("cursor=junk", "cursor")]
    [InlineData("cursor=!!!", "cursor")]
    [InlineData("cursor=%00", "cursor")]
    [InlineData("cursor=", "cursor")]
    [InlineData("cursor=AAAA", "cursor")]
    [InlineData("cursor=OTIyMzM3MjAzNjg1NDc3NTgwNyBydW4", "cursor")]
    [InlineData("since=tomorrow", "since")]
    [InlineData("until=99999999999999", "until")]
    [InlineData("kind=batch", "kind")]
    [InlineData("metadata=team", "metadata")]
    [InlineData("metadata=%3Dx", "metadata")]
    [InlineData("metadata.=x", "metadata.")]
    [InlineData("metadata.team=%00", "metadata.team")]
    [InlineData("metadata.team=a&metadata=team%3Db", "metadata")]
    [InlineData("status=a%00b", "status")]
    [InlineData("assistant=a&assistant_id=b", "assistant")]
    [InlineData("stauts=failed", "stauts")]
    public async Task A_bad_parameter_is_named(string query, string parameter)
    {
        var problem = await api.Client.ProblemAsync(400, $"/v1/runs?{query}");

        Assert.Equal(parameter, problem.GetProperty("parameter").GetString());
    }

    [Theory]
    [InlineData("status=%ED%A0%80")]
    [InlineData("model=%FF%FE%25")]
    [InlineData("metadata.%22%5C=%22%7D")]
    [InlineData("thread=%F0%9F%9A%80&limit=1")]
    [InlineData("since=0001-01-01&until=9999-12-31T23:59:59.999999999Z")]
    public async Task Odd_values_find_nothing_or_something_but_never_fail(string query) => await api.Client.GetJsonAsync($"/v1/runs?{query}");

    private async Task<System.Text.Json.JsonElement> Observed(string id, string snapshot)
    {
        // The time of receipt is of no interest here: a stated one replaces it.
        var other = id + "_stated";
        await api.Client.PushAsync(Samples.Envelope(snapshot.Replace($"\"{id}\"", $"\"{other}\""), 1_780_002_000));
        var view = System.Text.Json.Nodes.JsonNode.Parse((await api.Client.GetJsonAsync($"/v1/runs/{other}")).GetRawText())!;
        view["run_id"] = id;
        return System.Text.Json.JsonSerializer.SerializeToElement(view);
    }

    private static Action<JsonObject> WithMetadata(string json) => run => run["metadata"] = JsonNode.Parse(json);
}
