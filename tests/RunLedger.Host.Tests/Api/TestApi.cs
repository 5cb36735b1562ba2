using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using RunLedger.Host.Api;
using RunLedger.Postgres;
using RunLedger.Postgres.Recording;

namespace RunLedger.Host.Tests.Api;

/// <summary>The API on a loopback port, over a ledger of its own, without keys.</summary>
public sealed class TestApi(TestDatabase database) : IAsyncLifetime
{
    private RunningApi _api = null!;

    public Ledger Ledger => _api.Ledger;

    public HttpClient Client => _api.Client;

    public async Task InitializeAsync() => _api = await RunningApi.StartAsync(database);

    public async Task DisposeAsync() => await _api.DisposeAsync();
}

/// <summary>A host that serves the API until it is disposed.</summary>
internal sealed class RunningApi : IAsyncDisposable
{
    private readonly WebApplication _app;

    private RunningApi(WebApplication app, Ledger ledger)
    {
        _app = app;
        Ledger = ledger;
        Client = new HttpClient { BaseAddress = BaseAddress };
    }

    public Ledger Ledger { get; }

    public HttpClient Client { get; }

    public Uri BaseAddress => new(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());

    public static async Task<RunningApi> StartAsync(
        TestDatabase database, Dictionary<string, string?>? settings = null, Action<WebApplication>? configure = null, RecorderOptions? recorder = null,
        ILoggerProvider? log = null, Action<WebApplicationBuilder, Ledger>? build = null) =>
        await StartAsync(await database.OpenLedgerAsync(recorder), settings, configure, log, build);

    /// <summary>Starts a host on a ledger, which it then owns.</summary>
    public static async Task<RunningApi> StartAsync(
        Ledger ledger, Dictionary<string, string?>? settings = null, Action<WebApplication>? configure = null, ILoggerProvider? log = null,
        Action<WebApplicationBuilder, Ledger>? build = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Configuration.Sources.Clear();
        builder.Configuration.AddInMemoryCollection(settings ?? []);
        builder.Logging.ClearProviders().SetMinimumLevel(LogLevel.Warning).AddConsole();
        builder.Logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None); // As in the host's own settings: no activities.
        if (log is not null) builder.Logging.AddProvider(log);
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.AddLedgerApi(ledger);
        build?.Invoke(builder, ledger);
        var app = builder.Build();
        app.UseLedgerApi();
        app.MapLedgerApi();
        configure?.Invoke(app);
        await app.StartAsync();
        return new RunningApi(app, ledger);
    }

    /// <summary>A client that sends a key with every request.</summary>
    public HttpClient ClientWith(string key)
    {
        var client = new HttpClient { BaseAddress = BaseAddress };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        return client;
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.DisposeAsync();
        await Ledger.DisposeAsync();
    }
}

/// <summary>Short requests and what they come to.</summary>
internal static class Requests
{
    public static HttpContent Json(string text) => new StringContent(text, Encoding.UTF8, "application/json");

    public static async Task<JsonElement> PushAsync(this HttpClient client, params string[] items)
    {
        using var content = new StringContent(string.Join('\n', items), Encoding.UTF8, "application/x-ndjson");
        using var answer = await client.PostAsync("/v1/observations", content);
        Assert.True(answer.StatusCode == HttpStatusCode.OK, $"{answer.StatusCode}: {await answer.Content.ReadAsStringAsync()}");
        return (await answer.JsonAsync()).GetProperty("receipts");
    }

    public static async Task<JsonElement> GetJsonAsync(this HttpClient client, string path)
    {
        using var answer = await client.GetAsync(path);
        Assert.True(answer.StatusCode == HttpStatusCode.OK, $"{path} gave {answer.StatusCode}: {await answer.Content.ReadAsStringAsync()}");
        return await answer.JsonAsync();
    }

    /// <summary>The problem that a request comes to.</summary>
    public static async Task<JsonElement> ProblemAsync(this HttpClient client, int status, string path) =>
        await ProblemAsync(await client.GetAsync(path), status);

    public static async Task<JsonElement> ProblemAsync(this HttpResponseMessage answer, int status)
    {
        using (answer)
        {
            Assert.True((int)answer.StatusCode == status, $"{answer.StatusCode}: {await answer.Content.ReadAsStringAsync()}");
            Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
            var problem = await answer.JsonAsync();
            Assert.Equal(status, problem.GetProperty("status").GetInt32());
            Assert.NotEqual("", problem.GetProperty("title").GetString());
            Assert.NotEqual("", problem.GetProperty("detail").GetString());
            Assert.NotEqual("", problem.GetProperty("trace_id").GetString());
            Assert.Equal(problem.GetProperty("detail").GetString(), problem.GetProperty("error").GetProperty("message").GetString());
            return problem;
        }
    }

    public static async Task<JsonElement> JsonAsync(this HttpResponseMessage answer) =>
        JsonDocument.Parse(await answer.Content.ReadAsByteArrayAsync(), new JsonDocumentOptions { MaxDepth = 1024 }).RootElement;

    public static string[] Ids(this JsonElement list, string name = "run_id") =>
        [.. list.GetProperty("data").EnumerateArray().Select(item => item.GetProperty(name).GetString()!)];
}
