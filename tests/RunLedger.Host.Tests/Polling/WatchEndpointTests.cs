using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using RunLedger.Domain.Observations;
using RunLedger.Host.Api;
using RunLedger.Host.Polling;
using RunLedger.Host.Tests.Api;
using RunLedger.Postgres;

namespace RunLedger.Host.Tests.Polling;

[Collection(TestDatabase.Collection)]
public sealed class WatchEndpointTests(TestDatabase databases) : IAsyncLifetime, IDisposable
{
    private readonly HttpClient _http = new();
    private WebApplication _host = null!;
    private Ledger _ledger = null!;

    public async Task InitializeAsync()
    {
        _ledger = await databases.OpenLedgerAsync();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Configuration.Sources.Clear();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Upstreams:0:name"] = "live",
            ["Upstreams:0:base_url"] = "http://127.0.0.1:9/v1",
            ["Upstreams:1:name"] = "of another tenant",
            ["Upstreams:1:base_url"] = "http://127.0.0.1:9/v1",
            ["Upstreams:1:tenant"] = "acme",
            ["Polling:scheduler"] = PollingSetup.Host,
        });
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.AddLedgerApi(_ledger);
        builder.AddPolling(_ledger, builder.Configuration);
        _host = builder.Build();
        _host.UseLedgerApi();
        _host.MapWatches();
        await _host.StartAsync();
        var addresses = _host.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>();
        _http.BaseAddress = new Uri(addresses.Addresses.Single());
    }

    public void Dispose() => _http.Dispose();

    public async Task DisposeAsync()
    {
        await _host.DisposeAsync();
        await _ledger.DisposeAsync();
    }

    [Fact]
    public async Task Watches_are_asked_for_by_HEAD_too()
    {
        using var answer = await _http.SendAsync(new HttpRequestMessage(HttpMethod.Head, "/v1/watches"));

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal((await _http.GetByteArrayAsync("/v1/watches")).Length, answer.Content.Headers.ContentLength);
    }

    [Fact]
    public async Task Watches_are_added_once_and_listed_page_by_page()
    {
        Assert.Equal(HttpStatusCode.Created, await PostAsync("""{"upstream":"live","thread_id":"thread_1","run_id":"run_1"}"""));
        Assert.Equal(HttpStatusCode.OK, await PostAsync("""{"upstream":"live","thread_id":"thread_1","run_id":"run_1"}"""));
        Assert.Equal(HttpStatusCode.Created, await PostAsync("""{"upstream":"live","thread_id":"thread_1"}"""));

        var first = await _http.GetFromJsonAsync<JsonElement>("/v1/watches?limit=1");
        Assert.Equal("list", first.GetProperty("object").GetString());
        Assert.Equal(JsonValueKind.Null, Assert.Single(first.GetProperty("data").EnumerateArray()).GetProperty("run_id").ValueKind);
        var second = await _http.GetFromJsonAsync<JsonElement>($"/v1/watches?limit=1&cursor={first.GetProperty("next_cursor").GetString()}");
        Assert.Equal("run_1", Assert.Single(second.GetProperty("data").EnumerateArray()).GetProperty("run_id").GetString());
        Assert.Equal(JsonValueKind.Null, second.GetProperty("next_cursor").ValueKind);
    }

    [Fact]
    public async Task A_watch_is_removed_once()
    {
        Assert.Equal(HttpStatusCode.Created, await PostAsync("""{"upstream":"live","thread_id":"thread_1","run_id":"run_1"}"""));
        var address = new Uri("/v1/watches?upstream=live&thread_id=thread_1&run_id=run_1", UriKind.Relative);
        using var removed = await _http.DeleteAsync(address);
        Assert.Equal(HttpStatusCode.NoContent, removed.StatusCode);
        using var gone = await _http.DeleteAsync(address);
        Assert.Equal(HttpStatusCode.NotFound, gone.StatusCode);
        Assert.Empty((await _http.GetFromJsonAsync<JsonElement>("/v1/watches")).GetProperty("data").EnumerateArray());
    }

    [Theory]
    [InlineData("{}", "upstream: is missing", "upstream")]
    [InlineData("""{"upstream":"dead","thread_id":"thread_1"}""", "upstream: is 'dead'", "upstream")]
    [InlineData("""{"upstream":"of another tenant","thread_id":"thread_1"}""", "upstream: is 'of another tenant'", "upstream")]
    [InlineData("""{"upstream":"live"}""", "thread_id: is missing", "thread_id")]
    [InlineData("""{"upstream":"live","thread_id":".."}""", "thread_id: is empty, too long, dots", "thread_id")]
    [InlineData("""{"upstream":"live","thread_id":"thread_1","run_id":""}""", "run_id: is empty", "run_id")]
    [InlineData("""{"upstream":"live","thread_id":"thread_1","run_id":"."}""", "run_id: is empty, too long, dots", "run_id")]
    [InlineData("""{"upstream":"live","thread_id":5}""", "thread_id: is no text", "thread_id")]
    [InlineData("null", "The body is null", null)]
    [InlineData("[]", "The body is no watch", null)]
    [InlineData("nonsense", "The body is no watch", null)]
    public async Task A_watch_that_cannot_be_added_is_answered_with_what_is_wrong(string body, string named, string? field)
    {
        var problem = await (await _http.PostAsync("/v1/watches", Requests.Json(body))).ProblemAsync(400);
        Assert.Contains(named, problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Equal(field, problem.TryGetProperty("field", out var blamed) ? blamed.GetString() : null);
        Assert.Empty(await new Watches(_ledger, new PollingOptions(), TimeProvider.System).ListAsync(TenantId.Default, null, 10, CancellationToken.None));
    }

    [Fact]
    public async Task What_a_page_of_another_site_can_send_without_being_asked_is_no_watch()
    {
        const string body = """{"upstream":"live","thread_id":"thread_1"}""";
        await (await _http.PostAsync("/v1/watches", new StringContent(body))).ProblemAsync(415);
        await (await _http.PostAsync("/v1/watches", new StringContent(body, Encoding.UTF8, "application/x-www-form-urlencoded"))).ProblemAsync(415);
    }

    [Theory]
    [InlineData("upstream=live", "thread_id")]
    [InlineData("thread_id=thread_1", "upstream")]
    public async Task A_watch_to_be_removed_is_named_in_full(string query, string missing)
    {
        var problem = await (await _http.DeleteAsync("/v1/watches?" + query)).ProblemAsync(400);
        Assert.Equal(missing, problem.GetProperty("parameter").GetString());
    }

    [Theory]
    [InlineData("limit=0")]
    [InlineData("cursor=!")]
    [InlineData("cursor=bm9uc2Vuc2U")]
    public async Task A_page_that_cannot_be_is_refused(string query)
    {
        using var response = await _http.GetAsync("/v1/watches?" + query);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }

    private async Task<HttpStatusCode> PostAsync(string body)
    {
        using var response = await _http.PostAsync("/v1/watches", Requests.Json(body));
        return response.StatusCode;
    }
}
