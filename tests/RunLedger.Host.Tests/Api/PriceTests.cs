using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace RunLedger.Host.Tests.Api;

[Collection(TestDatabase.Collection)]
public sealed class PriceTests(TestDatabase database) : IAsyncLifetime
{
    private const string Map = """
        {"gpt-4o": {"input_cost_per_token": 2.5e-06, "output_cost_per_token": 1e-05, "cache_read_input_token_cost": 1.25e-06, "input_cost_per_token_priority": 4e-06, "litellm_provider": "openai"},
         "painter": {"output_cost_per_image": 0.04, "litellm_provider": "openai"} }
        """;

    private RunningApi _api = null!;

    public async Task InitializeAsync()
    {
        _api = await RunningApi.StartAsync(database);
        await _api.Client.PushAsync(
            Samples.Run("run_1", change: Cached(40)),
            Samples.Run("run_2", at: Samples.Epoch + 3_600),
            Samples.Run("run_3", model: "homegrown"),
            Samples.Run("run_4", "queued", model: "silent"));
    }

    public async Task DisposeAsync() => await _api.DisposeAsync();

    [Fact]
    public async Task A_report_tells_the_cost_of_what_has_a_price_and_whose_tokens_have_none()
    {
        var before = (await _api.Client.GetJsonAsync("/v1/usage")).GetProperty("totals");
        Assert.Equal(JsonValueKind.Null, before.GetProperty("cost_usd").ValueKind);
        Assert.Equal(360, before.GetProperty("unpriced_tokens").GetInt64());

        Samples.AssertSame(
            """{"added":1,"changed":0,"unchanged":0,"skipped":1,"skipped_because":{"no price by the token":1},"other_rates":{"priority and flex":1}}""", await PutAsync(Map));

        var report = await _api.Client.GetJsonAsync("/v1/usage?group_by=model");
        Assert.Equal(["gpt-4o", "homegrown", "silent"], report.Ids("model"));
        Assert.Equal([0.00085m, null, 0m], report.GetProperty("data").EnumerateArray().Select(Cost));
        Assert.Equal(["homegrown"], report.GetProperty("totals").GetProperty("unpriced_models").EnumerateArray().Select(model => model.GetString()));
        Assert.Equal(120, report.GetProperty("totals").GetProperty("unpriced_tokens").GetInt64());
        var csv = (await TextAsync("/v1/usage?group_by=model", "text/csv")).Split("\r\n");
        Assert.EndsWith(",reasoning_tokens,cost_usd,unpriced_tokens", csv[0], StringComparison.Ordinal);
        Assert.EndsWith(",0.00085,0", csv[1], StringComparison.Ordinal);
        Assert.EndsWith(",,120", csv[2], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_corrected_price_corrects_all_reports_at_once()
    {
        await PutAsync(Priced("gpt-4o", 1, 1));
        Assert.Equal(0.00024m, Cost((await _api.Client.GetJsonAsync("/v1/usage?model=gpt-4o")).GetProperty("totals")));

        Samples.AssertSame("""{"added":0,"changed":1,"unchanged":0,"skipped":0,"skipped_because":{},"other_rates":{}}""", await PutAsync(Priced("gpt-4o", 2, 2)));
        Samples.AssertSame("""{"added":0,"changed":0,"unchanged":1,"skipped":0,"skipped_because":{},"other_rates":{}}""", await PutAsync(Priced("gpt-4o", 2, 2)));

        foreach (var path in (string[])["/v1/usage?model=gpt-4o", "/v1/usage?model=gpt-4o&group_by=thread", "/v1/usage?model=gpt-4o&group_by=hour,assistant"])
            Assert.Equal(0.00048m, Cost((await _api.Client.GetJsonAsync(path)).GetProperty("totals")));
    }

    [Fact]
    public async Task A_price_holds_from_its_hour_on_in_buckets_and_in_runs()
    {
        var second = DateTimeOffset.FromUnixTimeSeconds(Samples.Epoch + 3_600).UtcDateTime.ToString("yyyy-MM-dd'T'HH:00:00'Z'", null);
        await PutAsync($"[{Priced("gpt-4o", 1, 1)},{Priced("gpt-*", 100, 100)},{Priced("gpt-4o", 3, 3, second)}]");

        foreach (var by in (string[])["hour", "hour,thread"])
        {
            var rows = (await _api.Client.GetJsonAsync($"/v1/usage?model=gpt-4o&group_by={by}")).GetProperty("data");
            Assert.Equal([0.00012m, 0.00036m], rows.EnumerateArray().Select(Cost));
            var all = (await _api.Client.GetJsonAsync($"/v1/usage?model=gpt-4o&group_by=model{by[4..]}")).GetProperty("data");
            Assert.Equal((0.00048m, 2), (Cost(all[0]), all[0].GetProperty("runs").GetInt32()));
        }
    }

    [Fact]
    public async Task Prices_are_listed_as_they_are_taken_in_and_removed()
    {
        await PutAsync(Priced("gpt-4o*", 2.5m, 10, "2026-02-01"));
        await PutAsync(Map);
        var listed = await TextAsync("/v1/prices", "application/json");
        var prices = JsonNode.Parse(listed)!["data"]!.AsArray();
        Assert.Equal(["gpt-4o", "gpt-4o*"], prices.Select(price => (string)price!["model"]!));
        Assert.Equal(["1970-01-01T00:00:00Z", "2026-02-01T00:00:00Z"], prices.Select(price => (string)price!["from"]!));
        Assert.Equal("2.5 1.25 10", $"{prices[0]!["prompt_per_million"]} {prices[0]!["cached_per_million"]} {prices[0]!["completion_per_million"]}");

        Samples.AssertSame("""{"added":0,"changed":0,"unchanged":2,"skipped":0,"skipped_because":{},"other_rates":{}}""", await PutAsync(listed));
        using var removed = await _api.Client.DeleteAsync("/v1/prices?model=gpt-4o*");
        Samples.AssertSame("""{"removed":1}""", await removed.JsonAsync());
        Assert.Equal(["gpt-4o"], (await _api.Client.GetJsonAsync("/v1/prices")).Ids("model"));
    }

    [Fact]
    public async Task What_holds_already_is_not_kept_again_when_a_price_map_is_taken_in_anew()
    {
        await PutAsync(Map);

        Samples.AssertSame("""{"added":0,"changed":0,"unchanged":1,"skipped":1,"skipped_because":{"no price by the token":1},"other_rates":{"priority and flex":1}}""", await PutAsync(Map, "?from=2026-03-01"));
        Assert.Single((await _api.Client.GetJsonAsync("/v1/prices")).GetProperty("data").EnumerateArray());
    }

    [Fact]
    public async Task A_price_of_a_list_holds_whatever_an_older_one_was_before_the_list_and_the_answer_taken_back_says_the_same()
    {
        await PutAsync(Priced("gpt-4o", 5, 5));
        await PutAsync($"[{Priced("gpt-4o", 3, 3, "2026-01-01")},{Priced("gpt-4o", 5, 5, "2026-02-01")}]");
        var listed = await TextAsync("/v1/prices", "application/json");
        Assert.Equal(["5", "3", "5"], Amounts(listed));

        await PutAsync(Priced("gpt-4o", 2, 2));
        await PutAsync(Priced("gpt-4o", 3, 3, "2026-02-01"));
        await PutAsync(listed);
        Assert.Equal(["5", "3", "5"], Amounts(await TextAsync("/v1/prices", "application/json")));
    }

    [Theory]
    [InlineData("[{\"model\":\"m\",\"prompt_per_million\":1}]", "", "[0].completion_per_million: is missing")]
    [InlineData("nonsense", "", "model: is no column")]
    [InlineData("{}", "?from=2026-01-01T00:30:00Z", "from: is no whole hour")]
    public async Task Bad_prices_are_named_and_none_is_taken_in(string body, string query, string problem)
    {
        using var content = Requests.Json(body);
        var answer = await Requests.ProblemAsync(await _api.Client.PutAsync($"/v1/prices{query}", content), 400);

        Assert.Contains(problem, answer.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Empty((await _api.Client.GetJsonAsync("/v1/prices")).GetProperty("data").EnumerateArray());
    }

    [Fact]
    public async Task Prices_are_a_tenants_own_and_only_an_administrator_sets_them()
    {
        await using var keyed = await RunningApi.StartAsync(database, Keys(("acme", "admin"), ("globex", "admin"), ("acme", "read")));
        using var acme = keyed.ClientWith("key-0");
        using var globex = keyed.ClientWith("key-1");
        using var reader = keyed.ClientWith("key-2");
        using var content = Requests.Json(Priced("gpt-4o", 1, 1));

        Assert.Equal(HttpStatusCode.OK, (await acme.PutAsync("/v1/prices", content)).StatusCode);
        await Requests.ProblemAsync(await reader.PutAsync("/v1/prices", Requests.Json(Priced("gpt-4o", 9, 9))), 403);

        Assert.Single((await reader.GetJsonAsync("/v1/prices")).GetProperty("data").EnumerateArray());
        Assert.Empty((await globex.GetJsonAsync("/v1/prices")).GetProperty("data").EnumerateArray());
    }

    private static Action<JsonObject> Cached(int tokens) => run => run["usage"]!["prompt_token_details"] = new JsonObject { ["cached_tokens"] = tokens };

    private static string Priced(string model, decimal prompt, decimal completion, string? from = null) => new JsonObject
    {
        ["model"] = model,
        ["from"] = from,
        ["prompt_per_million"] = prompt,
        ["completion_per_million"] = completion,
    }.ToJsonString();

    private static IEnumerable<string> Amounts(string prices) => JsonNode.Parse(prices)!["data"]!.AsArray().Select(price => price!["prompt_per_million"]!.ToString());

    private static decimal? Cost(JsonElement row) => row.GetProperty("cost_usd") is { ValueKind: JsonValueKind.Number } cost ? cost.GetDecimal() : null;

    private async Task<JsonElement> PutAsync(string prices, string query = "")
    {
        using var content = Requests.Json(prices);
        using var answer = await _api.Client.PutAsync($"/v1/prices{query}", content);
        Assert.True(answer.StatusCode == HttpStatusCode.OK, await answer.Content.ReadAsStringAsync());
        return await answer.JsonAsync();
    }

    private async Task<string> TextAsync(string path, string accept)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Add("Accept", accept);
        using var answer = await _api.Client.SendAsync(request);
        return await answer.Content.ReadAsStringAsync();
    }

    private static Dictionary<string, string?> Keys(params (string Tenant, string Scope)[] keys) => keys.SelectMany((key, index) => new (string, string)[]
    {
        ("name", $"{key.Tenant}-{index}"), ("tenant", key.Tenant), ("scopes:0", key.Scope),
        ("sha256", Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes($"key-{index}")))),
    }.Select(setting => KeyValuePair.Create($"Keys:{index}:{setting.Item1}", (string?)setting.Item2))).ToDictionary();
}
