using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using RunLedger.Domain.Observations;
using RunLedger.Domain.Runs;
using RunLedger.Host.Proxy;
using RunLedger.Host.Tests.Api;
using RunLedger.Host.Tests.Polling;
using RunLedger.Postgres.Recording;

namespace RunLedger.Host.Tests.Proxy;

/// <summary>A host with the proxy, and an upstream that answers as a test says.</summary>
internal sealed class RunningProxy : IAsyncDisposable
{
    private readonly ScriptedUpstream _upstream;

    private RunningProxy(ScriptedUpstream upstream, RunningApi api, LoggedLines log) => (_upstream, Api, Log) = (upstream, api, log);

    public RunningApi Api { get; }

    public LoggedLines Log { get; }

    public HttpClient Client => Api.Client;

    public Uri Upstream => _upstream.BaseAddress;

    /// <summary>How the upstream answers.</summary>
    public Func<HttpContext, Task> Answer { get; set; } = _ => Task.CompletedTask;

    public static async Task<RunningProxy> StartAsync(
        TestDatabase database, Dictionary<string, string?>? settings = null, RecorderOptions? recorder = null)
    {
        RunningProxy? proxy = null;
        var upstream = await ScriptedUpstream.StartAsync((context, _) => proxy!.Answer(context));
        var log = new LoggedLines();
        var all = new Dictionary<string, string?>(settings ?? []) { ["Proxy:Upstream"] = upstream.BaseAddress.ToString() };
        return proxy = new RunningProxy(upstream, await HostAsync(database, all, log, recorder), log);
    }

    /// <summary>Starts a host with the proxy.</summary>
    public static Task<RunningApi> HostAsync(
        TestDatabase database, Dictionary<string, string?> settings, LoggedLines? log = null, RecorderOptions? recorder = null) =>
        RunningApi.StartAsync(database, settings, app => app.MapProxy(), recorder, log, (builder, _) =>
        {
            builder.Logging.AddFilter("RunLedger.Host.Proxy", LogLevel.Information);
            builder.AddProxy();
        });

    /// <summary>The history of a run once its last event is of a type.</summary>
    public Task<RunHistory> HistoryAsync(string run, string last, string tenant = "*DEFAULT*") => Api.HistoryAsync(run, last, tenant);

    public async ValueTask DisposeAsync()
    {
        await Api.DisposeAsync();
        await _upstream.DisposeAsync();
    }
}

/// <summary>A proxy that the tests of a class share.</summary>
public sealed class SharedProxy(TestDatabase database) : IAsyncLifetime
{
    internal RunningProxy Running { get; private set; } = null!;

    public async Task InitializeAsync() => Running = await RunningProxy.StartAsync(database);

    public async Task DisposeAsync() => await Running.DisposeAsync();
}

/// <summary>Short answers, and what the ledger comes to know.</summary>
internal static class Passing
{
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    /// <summary>Answers with JSON.</summary>
    public static Func<HttpContext, Task> Json(string text, string? coding = null, byte[]? body = null) => async context =>
    {
        context.Response.ContentType = "application/json";
        if (coding is not null) context.Response.Headers.ContentEncoding = coding;
        await context.Response.Body.WriteAsync(body ?? System.Text.Encoding.UTF8.GetBytes(text));
    };

    /// <summary>The history of a run once its last event is of a type.</summary>
    public static async Task<RunHistory> HistoryAsync(this RunningApi api, string run, string last, string tenant = "*DEFAULT*")
    {
        RunHistory? history = null;
        await Eventually.HoldsAsync($"{run} is known up to {last}", async () =>
        {
            history = await api.Ledger.Runs.HistoryAsync(new TenantId(tenant), new RunId(run), CancellationToken.None);
            return history is { Events: [.., var newest] } && Alias(newest) == last;
        });
        return history!;
    }

    public static string[] Aliases(this RunHistory history) => [.. history.Events.Select(Alias)];

    public static string Alias(RecordedEvent recorded) => RunEventTypes.Of(recorded.Event).Alias;

    public static async Task<byte[]> BytesAsync(this HttpClient client, string path)
    {
        using var answer = await client.GetAsync(path);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return await answer.Content.ReadAsByteArrayAsync();
    }

    public static Task<T> InTimeAsync<T>(this Task<T> task) => task.WaitAsync(Limit);

    public static Task InTimeAsync(this Task task) => task.WaitAsync(Limit);

    public static string AsText(this JsonElement json) => json.GetRawText();
}
