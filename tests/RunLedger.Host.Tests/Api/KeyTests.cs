using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Configuration;
using RunLedger.Host.Api.Keys;
using RunLedger.Host.Polling;

namespace RunLedger.Host.Tests.Api;

[Collection(TestDatabase.Collection)]
public sealed class KeyTests(KeyTests.TwoTenants tenants) : IClassFixture<KeyTests.TwoTenants>
{
    private const string WatchOfB = """{"upstream":"upstream_of_b","thread_id":"thread_of_b"}""";

    /// <summary>An API with keys for two tenants; each has recorded a run of the same id, and one of its own. One of them watches a thread.</summary>
    public sealed class TwoTenants(TestDatabase database) : IAsyncLifetime
    {
        private RunningApi _api = null!;

        public HttpClient Nobody => _api.Client;

        public HttpClient With(string key) => _api.ClientWith(key);

        public Uri BaseAddress => _api.BaseAddress;

        public async Task InitializeAsync()
        {
            _api = await RunningApi.StartAsync(database, new()
            {
                ["Keys:0:name"] = "a-all",
                ["Keys:0:sha256"] = Sha256("key-a"),
                ["Keys:0:tenant"] = "a",
                ["Keys:0:scopes:0"] = "admin",
                ["Keys:1:name"] = "b-all",
                ["Keys:1:key"] = "key-b",
                ["Keys:1:tenant"] = "b",
                ["Keys:1:scopes:0"] = "observe",
                ["Keys:1:scopes:1"] = "read",
                ["Keys:2:name"] = "a-observer",
                ["Keys:2:key"] = "key-a-observe",
                ["Keys:2:tenant"] = "a",
                ["Keys:2:scopes:0"] = "observe",
                ["Keys:3:name"] = "a-reader",
                ["Keys:3:key"] = "key-a-read",
                ["Keys:3:tenant"] = "a",
                ["Keys:3:scopes:0"] = "read",
                ["Upstreams:0:name"] = "upstream_of_a",
                ["Upstreams:0:base_url"] = "http://127.0.0.1:9/v1",
                ["Upstreams:0:tenant"] = "a",
                ["Upstreams:1:name"] = "upstream_of_b",
                ["Upstreams:1:base_url"] = "http://127.0.0.1:9/v1",
                ["Upstreams:1:tenant"] = "b",
                ["Polling:scheduler"] = PollingSetup.Host,
            }, app => app.MapWatches(), build: (builder, ledger) => builder.AddPolling(ledger, builder.Configuration));
            await With("key-a").PushAsync(Samples.Run("run_shared", model: "model-a"), Samples.Run("run_of_a"), "{\"bad\":\"a\"}");
            await With("key-b").PushAsync(
                Samples.Run("run_shared", model: "model-b"), Samples.Run("run_of_b", model: "model-b", metadata: ("team", "b")),
                Samples.Response("resp_of_b"), "{\"bad\":\"b\"}");
            using var watched = await With("key-b").PostAsync("/v1/watches", Requests.Json(WatchOfB));
            Assert.Equal(HttpStatusCode.Created, watched.StatusCode);
        }

        public async Task DisposeAsync() => await _api.DisposeAsync();

        private static string Sha256(string key) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(key)));
    }

    [Fact]
    public async Task HEAD_takes_a_key_where_GET_does()
    {
        async Task<HttpStatusCode> HeadAsync(HttpClient client)
        {
            using var answer = await client.SendAsync(new HttpRequestMessage(HttpMethod.Head, "/v1/runs/run_of_a"));
            return answer.StatusCode;
        }

        Assert.Equal(HttpStatusCode.Unauthorized, await HeadAsync(tenants.Nobody));
        Assert.Equal(HttpStatusCode.Forbidden, await HeadAsync(tenants.With("key-a-observe")));
        Assert.Equal(HttpStatusCode.NotFound, await HeadAsync(tenants.With("key-b")));
        Assert.Equal(HttpStatusCode.OK, await HeadAsync(tenants.With("key-a-read")));
    }

    [Fact]
    public async Task Without_a_key_the_answer_says_how_to_send_one()
    {
        using var answer = await tenants.Nobody.GetAsync("/v1/runs");

        Assert.Equal("Bearer realm=\"runledger\"", Assert.Single(answer.Headers.WwwAuthenticate).ToString());
        await answer.ProblemAsync(401);
    }

    [Theory]
    [InlineData("Authorization", "Bearer wrong")]
    [InlineData("Authorization", "Bearer ")]
    [InlineData("Authorization", "Basic a2V5LWE6")]
    [InlineData("Authorization", "key-a")]
    [InlineData("X-Api-Key", "key-aa")]
    [InlineData("X-Api-Key", "")]
    public async Task A_wrong_key_is_unauthorized(string header, string value)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/runs");
        request.Headers.TryAddWithoutValidation(header, value);

        await (await tenants.Nobody.SendAsync(request)).ProblemAsync(401);
    }

    [Fact]
    public async Task A_very_long_key_is_unauthorized() =>
        await (await tenants.With(new string('k', 8_000)).GetAsync("/v1/runs")).ProblemAsync(401);

    [Theory]
    [InlineData("Authorization", "Bearer key-a")]
    [InlineData("Authorization", "bearer key-a")]
    [InlineData("X-Api-Key", "key-a")]
    public async Task A_key_is_taken_from_either_header(string header, string value)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/runs");
        request.Headers.TryAddWithoutValidation(header, value);

        using var answer = await tenants.Nobody.SendAsync(request);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Theory]
    [InlineData("key-a-observe", "GET", "/v1/runs", "read")]
    [InlineData("key-a-observe", "GET", "/v1/usage", "read")]
    [InlineData("key-a-observe", "GET", "/v1/organization/usage/completions?start_time=0", "read")]
    [InlineData("key-a-observe", "GET", "/v1/threads/thread_1/runs", "read")]
    [InlineData("key-a-observe", "GET", "/v1/threads/thread_1/runs/run_of_a", "read")]
    [InlineData("key-a-observe", "GET", "/v1/responses/resp_1", "read")]
    [InlineData("key-a-observe", "GET", "/v1/runs/run_of_a/events", "read")]
    [InlineData("key-a-observe", "GET", "/v1/quarantine", "read")]
    [InlineData("key-a-observe", "GET", "/v1/events?follow=false", "read")]
    [InlineData("key-a-observe", "GET", "/v1/prices", "read")]
    [InlineData("key-a-observe", "GET", "/v1/projections", "read")]
    [InlineData("key-a-observe", "GET", "/v1/audit/checkpoint", "read")]
    [InlineData("key-a-observe", "GET", "/v1/audit/proof/run_of_a", "read")]
    [InlineData("key-a-observe", "GET", "/v1/watches", "read")]
    [InlineData("key-a-read", "POST", "/v1/observations", "observe")]
    [InlineData("key-a-read", "POST", "/v1/watches", "observe")]
    [InlineData("key-a-read", "DELETE", "/v1/watches?upstream=upstream_of_a&thread_id=thread_1", "observe")]
    [InlineData("key-b", "PUT", "/v1/prices", "admin")]
    [InlineData("key-b", "DELETE", "/v1/prices?model=gpt-4o", "admin")]
    [InlineData("key-b", "POST", "/v1/projections/usage/rebuild", "admin")]
    [InlineData("key-b", "POST", "/v1/quarantine/retry", "admin")]
    public async Task A_key_without_the_scope_is_forbidden_and_the_scope_is_named(string key, string method, string path, string scope)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);

        var problem = await (await tenants.With(key).SendAsync(request)).ProblemAsync(403);

        Assert.Equal(scope, problem.GetProperty("scope").GetString());
        Assert.Contains($"'{scope}'", problem.GetProperty("detail").GetString());
    }

    [Fact]
    public async Task Admin_implies_the_other_scopes()
    {
        await tenants.With("key-a").PushAsync(Samples.Run("run_of_a"));
        using var retried = await tenants.With("key-a").PostAsync("/v1/quarantine/retry", null);

        Assert.Equal(HttpStatusCode.OK, retried.StatusCode);
    }

    [Fact]
    public async Task Health_and_description_and_page_need_no_key()
    {
        foreach (var path in (string[])["/healthz/live", "/healthz/ready", "/openapi/v1.json", "/"])
        {
            using var answer = await tenants.Nobody.GetAsync(path);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }
    }

    [Theory]
    [InlineData("/v1/runs/run_of_b")]
    [InlineData("/v1/audit/proof/run_of_b")]
    [InlineData("/v1/runs/run_of_b/events")]
    [InlineData("/v1/threads/thread_1/runs/run_of_b")]
    [InlineData("/v1/threads/thread_1/runs/run_of_b?at_version=1")]
    [InlineData("/v1/threads/thread_1/runs/run_of_b?as_of=2040-01-01")]
    [InlineData("/v1/responses/resp_of_b")]
    public async Task A_run_of_another_tenant_is_not_found(string path)
    {
        await tenants.With("key-a").ProblemAsync(404, path);
        await tenants.With("key-b").GetJsonAsync(path);
    }

    [Theory]
    [InlineData("/v1/runs")]
    [InlineData("/v1/runs?metadata.team=b")]
    [InlineData("/v1/runs?model=model-b")]
    [InlineData("/v1/runs/run_shared")]
    [InlineData("/v1/runs/run_shared/events?resolve=true")]
    [InlineData("/v1/threads/thread_1/runs?limit=100")]
    [InlineData("/v1/threads/thread_1/runs/run_shared")]
    [InlineData("/v1/usage?group_by=model,kind,metadata.team")]
    [InlineData("/v1/organization/usage/completions?start_time=1779926400&group_by=model")]
    [InlineData("/v1/organization/usage/completions?start_time=1780000000&bucket_width=1m&group_by=model")]
    [InlineData("/v1/events?follow=false")]
    [InlineData("/v1/quarantine")]
    [InlineData("/v1/watches")]
    public async Task Nothing_of_another_tenant_shows_anywhere(string path)
    {
        var seen = await tenants.With("key-a").GetStringAsync(path);

        Assert.DoesNotContain("model-b", seen);
        Assert.DoesNotContain("_of_b", seen);
        Assert.DoesNotContain("\\\"b\\\"", seen);
        Assert.DoesNotContain("\"b\"", seen);
    }

    [Fact]
    public async Task A_watch_of_another_tenant_is_neither_added_nor_removed()
    {
        const string path = "/v1/watches?upstream=upstream_of_b&thread_id=thread_of_b";

        await (await tenants.With("key-a").PostAsync("/v1/watches", Requests.Json(WatchOfB))).ProblemAsync(400);
        await (await tenants.With("key-a").DeleteAsync(path)).ProblemAsync(404);

        Assert.Equal(["thread_of_b"], (await tenants.With("key-b").GetJsonAsync("/v1/watches")).Ids("thread_id"));
    }

    [Theory]
    [InlineData("1d")]
    [InlineData("1m")]
    public async Task Usage_in_buckets_is_of_the_tenant_alone(string width)
    {
        async Task<string[]> ModelsAsync(string key)
        {
            var query = $"start_time={Samples.Epoch}&bucket_width={width}&limit=1&group_by=model";
            var results = (await tenants.With(key).GetJsonAsync($"/v1/organization/usage/completions?{query}")).GetProperty("data")[0].GetProperty("results");
            return [.. results.EnumerateArray().Select(result => $"{result.GetProperty("model")} {result.GetProperty("num_model_requests")}")];
        }

        Assert.Equal(["gpt-4o 1", "model-a 1"], await ModelsAsync("key-a"));
        Assert.Equal(["gpt-4.1 1", "model-b 2"], await ModelsAsync("key-b"));
    }

    [Fact]
    public async Task A_run_of_another_tenant_is_no_bound_of_a_page()
    {
        var problem = await tenants.With("key-a").ProblemAsync(400, "/v1/threads/thread_1/runs?after=run_of_b");

        Assert.Equal("after", problem.GetProperty("parameter").GetString());
    }

    [Theory]
    [InlineData("Keys:0:name", "x", "Keys:0:sha256")]
    [InlineData("Keys:0:key", "x", "Keys:0:name")]
    [InlineData("Keys:0:sha256", "abc", "Keys:0:sha256", "Keys:0:name", "x")]
    [InlineData("Keys:0:scopes:0", "everything", "Keys:0:scopes", "Keys:0:name", "x", "Keys:0:key", "y")]
    [InlineData("Keys:0:name", "x", "Keys:0:scopes", "Keys:0:key", "y")]
    public void A_wrong_setting_is_named(string name, string value, string blamed, params string[] others)
    {
        var settings = new Dictionary<string, string?> { [name] = value };
        foreach (var pair in others.Chunk(2)) settings.Add(pair[0], pair[1]);

        var failure = Assert.Throws<InvalidOperationException>(() => AccessKeys.Read(new ConfigurationBuilder().AddInMemoryCollection(settings).Build()));

        Assert.StartsWith(blamed, failure.Message);
    }
}
