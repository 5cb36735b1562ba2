using System.Net;
using RunLedger.Domain.Observations;
using RunLedger.Host.Tests.Api;

namespace RunLedger.Host.Tests.Proxy;

/// <summary>Who may use the proxy, and for which tenant it observes.</summary>
[Collection(TestDatabase.Collection)]
public sealed class AccessTests(TestDatabase database) : IAsyncLifetime
{
    private RunningProxy _proxy = null!;

    public async Task InitializeAsync()
    {
        _proxy = await RunningProxy.StartAsync(database, new()
        {
            ["Keys:0:name"] = "a-observer",
            ["Keys:0:key"] = "key-a",
            ["Keys:0:tenant"] = "a",
            ["Keys:0:scopes:0"] = "observe",
            ["Keys:1:name"] = "b-reader",
            ["Keys:1:key"] = "key-b",
            ["Keys:1:tenant"] = "b",
            ["Keys:1:scopes:0"] = "read",
        });
        _proxy.Answer = Passing.Json(Samples.Run("run_1"));
    }

    public async Task DisposeAsync() => await _proxy.DisposeAsync();

    [Theory]
    [InlineData(null, "Bearer sk-upstream", 401)]
    [InlineData(null, "Bearer key-a", 401)]
    [InlineData("unknown", null, 401)]
    [InlineData("key-b", "Bearer key-a", 403)]
    public async Task Without_the_scope_observe_in_X_Api_Key_nothing_passes(string? key, string? authorization, int status)
    {
        _proxy.Answer = _ => throw new InvalidOperationException("It got through.");

        await (await SendAsync(key, authorization)).ProblemAsync(status);
    }

    [Fact]
    public async Task The_tenant_is_that_of_the_key_and_only_the_upstreams_key_reaches_the_upstream()
    {
        var seen = "";
        _proxy.Answer = context =>
        {
            seen = $"{context.Request.Headers.Authorization}|{context.Request.Headers["X-Api-Key"]}";
            return Passing.Json(Samples.Run("run_1"))(context);
        };
        using var answer = await SendAsync("key-a", "Bearer sk-upstream");

        Assert.Equal((HttpStatusCode.OK, "Bearer sk-upstream|"), (answer.StatusCode, seen));
        await _proxy.HistoryAsync("run_1", "run_completed", "a");
        foreach (var other in new[] { new TenantId("b"), TenantId.Default })
            Assert.Null(await _proxy.Api.Ledger.Runs.HistoryAsync(other, new RunId("run_1"), CancellationToken.None));
    }

    private Task<HttpResponseMessage> SendAsync(string? key, string? authorization)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, "/proxy/threads/thread_1/runs/run_1");
        if (key is not null) request.Headers.Add("X-Api-Key", key);
        if (authorization is not null) request.Headers.TryAddWithoutValidation("Authorization", authorization);
        return _proxy.Client.SendAsync(request);
    }
}
