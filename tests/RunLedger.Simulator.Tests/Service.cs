using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using RunLedger.Simulator.Assistants;

namespace RunLedger.Simulator.Tests;

/// <summary>A simulated service on a manual clock, and a client of it.</summary>
internal sealed class Service : IAsyncDisposable
{
    private readonly SimulatedAssistants _server;

    private Service(SimulatedAssistants server, ManualTimeProvider time)
    {
        _server = server;
        Time = time;
        Http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = new Uri(server.BaseAddress + "/") };
    }

    public ManualTimeProvider Time { get; }

    public HttpClient Http { get; }

    public Simulation Simulation => _server.Simulation;

    public static async Task<Service> StartAsync(SimulatorOptions? options = null)
    {
        var time = new ManualTimeProvider();
        return new Service(await SimulatedAssistants.StartAsync((options ?? new SimulatorOptions()) with { Time = time }), time);
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _server.DisposeAsync();
    }

    public async Task<(HttpStatusCode Status, JsonElement Body)> SendAsync(HttpMethod method, string path, object? body = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
        using var response = await Http.SendAsync(request);
        return (response.StatusCode, JsonElement.Parse(await response.Content.ReadAsStringAsync()));
    }

    public async Task<JsonElement> GetAsync(string path) => Accepted(await SendAsync(HttpMethod.Get, path));

    public async Task<JsonElement> PostAsync(string path, object? body = null) => Accepted(await SendAsync(HttpMethod.Post, path, body));

    /// <summary>The error that a request is refused with.</summary>
    public async Task<JsonElement> RefusedAsync(HttpStatusCode expected, HttpMethod method, string path, object? body = null)
    {
        var (status, answer) = await SendAsync(method, path, body);
        Assert.Equal(expected, status);
        var error = answer.GetProperty("error");
        Assert.Equal(["message", "type", "param", "code"], error.EnumerateObject().Select(field => field.Name));
        return error;
    }

    public async Task<JsonElement> CreateRunAsync(string scenario, SimulatedAssistant? assistant = null) => await PostAsync(
        "threads/runs",
        new { assistant_id = (assistant ?? SimulatedAssistant.Support).Id, metadata = new { simulate = scenario } });

    public Task<JsonElement> RefreshAsync(JsonElement run) => GetAsync(PathOf(run));

    /// <summary>Advances the clock, half a second at a time, until the run has this status.</summary>
    public async Task<JsonElement> AdvanceUntilAsync(JsonElement run, string status)
    {
        for (var step = 0; step < 2000; step++)
        {
            run = await RefreshAsync(run);
            if (run.GetProperty("status").GetString() == status)
            {
                return run;
            }

            Time.Advance(TimeSpan.FromSeconds(0.5));
        }

        throw new InvalidOperationException($"The run never was {status}: {run}");
    }

    /// <summary>Answers every tool call that the run waits for.</summary>
    public Task<JsonElement> SubmitAsync(JsonElement run) => PostAsync(
        PathOf(run) + "/submit_tool_outputs",
        new { tool_outputs = CallsOf(run).Select(id => new { tool_call_id = id, output = "42" }) });

    public static string PathOf(JsonElement run) =>
        $"threads/{run.GetProperty("thread_id").GetString()}/runs/{run.GetProperty("id").GetString()}";

    public static IReadOnlyList<string> CallsOf(JsonElement run) =>
        [.. run.GetProperty("required_action").GetProperty("submit_tool_outputs").GetProperty("tool_calls").EnumerateArray()
            .Select(call => call.GetProperty("id").GetString()!)];

    private static JsonElement Accepted((HttpStatusCode Status, JsonElement Body) answer)
    {
        Assert.True(answer.Status == HttpStatusCode.OK, answer.Body.ToString());
        return answer.Body;
    }
}
