using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using RunLedger.Domain.Observations;
using RunLedger.Postgres.Runs;
using RunLedger.Simulator;
using RunLedger.Simulator.Assistants;

namespace RunLedger.Host.Tests.Polling;

[Collection(TestDatabase.Collection)]
public sealed class DiscoveryTests(TestDatabase databases)
{
    [Fact]
    public async Task The_runs_of_a_configured_thread_are_found_over_all_pages_and_so_are_later_ones()
    {
        await using var service = await SimulatedAssistants.StartAsync(new SimulatorOptions { Speed = 500 });
        using var http = new HttpClient();
        var thread = await PostAsync(http, $"{service.BaseAddress}/threads", new { });
        var runs = await CreateAsync(http, service, thread, 130);

        await using var poller = await Poller.StartAsync(
            await databases.CreateAsync(), service.BaseAddress, ("Upstreams:0:threads:0", thread), ("Upstreams:0:longest_interval", "00:00:00.100"));
        await Eventually.HoldsAsync("the old ones are known to their end", () => EndedAsync(poller, runs));

        runs.AddRange(await CreateAsync(http, service, thread, 45));
        await Eventually.HoldsAsync("the new ones are known to their end", () => EndedAsync(poller, runs));
        await Eventually.HoldsAsync("only the thread is watched", async () => await poller.WatchedAsync() is [{ Key.IsThread: true }]);
    }

    [Theory]
    [InlineData("\\u0000")]
    [InlineData("\\ud83d")]
    public async Task A_run_with_an_impossible_id_goes_to_quarantine_and_keeps_nothing_else_from_being_polled(string character)
    {
        await using var upstream = await ScriptedUpstream.StartAsync((context, times) => context.Request.Path.Value!.EndsWith("/runs", StringComparison.Ordinal)
            ? context.Response.WriteAsync($$"""{"object":"list","data":[{{ScriptedUpstream.RunJson("run_" + character, "queued")}}],"has_more":false}""")
            : ScriptedUpstream.AnswerRunAsync(context, times < 20 ? "in_progress" : "completed"));
        await using var poller = await Poller.StartAsync(await databases.CreateAsync(), upstream.BaseAddress, ("Upstreams:0:threads:0", "thread_1"));
        await poller.WatchAsync("thread_2", "run_good");
        await Eventually.HoldsAsync("the good run is polled to its end", async () =>
            (await poller.Ledger.Runs.FindAsync(TenantId.Default, new RunId("run_good"), CancellationToken.None))?.EndedAt is not null);

        await Eventually.HoldsAsync("the list is asked for again", () => Task.FromResult(upstream.RequestsFor("runs") > 2));
        var item = Assert.Single(await poller.Ledger.Quarantine.ListAsync(TenantId.Default, 0, 10, CancellationToken.None));
        Assert.Equal("id", item.Defect.Field);
    }

    [Theory]
    [InlineData("\\u0000")]
    [InlineData("\\ud83d")]
    public async Task A_thread_whose_newest_run_has_an_impossible_id_is_not_listed_to_its_end_again_and_again(string character)
    {
        var later = 0;
        await using var upstream = await ScriptedUpstream.StartAsync((context, _) =>
        {
            if (context.Request.Query.ContainsKey("after")) Interlocked.Increment(ref later);
            return context.Response.WriteAsync(context.Request.Query.ContainsKey("after")
                ? """{"object":"list","data":[],"has_more":false}"""
                : $$"""
                {"object":"list","data":[{{Ended($"run_{character}", 1790000009)}},{{Ended("run_known", 1790000000)}}],"has_more":true}
                """);
        });
        await using var poller = await Poller.StartAsync(await databases.CreateAsync(), upstream.BaseAddress, ("Upstreams:0:threads:0", "thread_1"));

        await Eventually.HoldsAsync("the list is asked for again", () => upstream.RequestsFor("runs") > 4);
        Assert.Equal(1, later);

        static string Ended(string id, long at) => $$"""{"id":"{{id}}","object":"thread.run","created_at":{{at}},"thread_id":"thread_1","status":"completed"}""";
    }

    private static async Task<bool> EndedAsync(Poller poller, List<string> runs)
    {
        var known = await poller.Ledger.Runs.ListAsync(TenantId.Default, new RunFilter(), 1_000, null, CancellationToken.None);
        return known.Runs.Where(run => run.EndedAt is not null).Select(run => run.RunId).Order().SequenceEqual(runs.Order());
    }

    private static async Task<List<string>> CreateAsync(HttpClient http, SimulatedAssistants service, string thread, int count)
    {
        var runs = new List<string>();
        while (runs.Count < count)
        {
            var body = new { assistant_id = SimulatedAssistant.Support.Id, metadata = new { simulate = "completed" } };
            runs.Add(await PostAsync(http, $"{service.BaseAddress}/threads/{thread}/runs", body));
        }
        return runs;
    }

    private static async Task<string> PostAsync(HttpClient http, string address, object body)
    {
        using var response = await http.PostAsJsonAsync(address, body);
        return JsonElement.Parse(await response.EnsureSuccessStatusCode().Content.ReadAsStringAsync()).GetProperty("id").GetString()!;
    }
}
