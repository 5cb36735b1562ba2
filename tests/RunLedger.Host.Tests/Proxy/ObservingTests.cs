using System.IO.Compression;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using RunLedger.Domain.Capture;
using RunLedger.Domain.Observations;
using RunLedger.Domain.Runs;
using RunLedger.Host.Capture;
using RunLedger.Host.Tests.Api;
using RunLedger.Host.Tests.Polling;

namespace RunLedger.Host.Tests.Proxy;

/// <summary>What passes is observed.</summary>
[Collection(TestDatabase.Collection)]
public sealed class ObservingTests(SharedProxy shared, TestDatabase database) : IClassFixture<SharedProxy>
{
    private RunningProxy Proxy => shared.Running;

    [Fact]
    public async Task An_answer_is_observed_with_its_request_its_trace_and_the_time_at_which_it_came()
    {
        Proxy.Answer = Passing.Json(Samples.Run("run_seen", "queued"));
        using var request = new HttpRequestMessage(HttpMethod.Post, "/proxy/threads/thread_1/runs?include[]=x");
        request.Content = Requests.Json("""{"assistant_id":"asst_1"}""");
        request.Headers.Add("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
        var before = DateTimeOffset.UtcNow.ToMicroseconds();
        using var answer = await Proxy.Client.SendAsync(request);
        var after = DateTimeOffset.UtcNow;

        var history = await Proxy.HistoryAsync("run_seen", "run_queued");
        Assert.Equal(["run_requested", "run_queued"], history.Aliases());
        Assert.All(history.Events, recorded =>
        {
            Assert.Equal("proxy", recorded.Event.Sighting.Source);
            Assert.InRange(recorded.Event.Sighting.ObservedAt, before, after);
            Assert.Equal("0af7651916cd43dd8448eb211c80319c", recorded.CorrelationId);
        });
    }

    [Fact]
    public async Task A_run_is_known_while_the_stream_that_tells_of_it_is_open()
    {
        var next = new SemaphoreSlim(0);
        Proxy.Answer = async context =>
        {
            context.Response.ContentType = "text/event-stream; charset=utf-8";
            foreach (var text in new[]
            {
                $"event: thread.run.created\ndata: {Samples.Run("run_open", "queued")}\n\n",
                $"event: thread.run.in_progress\ndata: {Samples.Run("run_open", "in_progress")}\n\n",
                "event: thread.message.delta\ndata: {\"object\":\"thread.message.delta\"}\n\n"
                    + $"event: thread.run.completed\ndata: {Samples.Run("run_open")}\n\ndata: [DONE]\n\n",
            })
            {
                await context.Response.WriteAsync(text);
                await context.Response.Body.FlushAsync();
                await next.WaitAsync();
            }
        };
        using var content = Requests.Json("""{"assistant_id":"asst_1","stream":true}""");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/proxy/threads/thread_1/runs") { Content = content };
        using var answer = await Proxy.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);

        Assert.Equal(["run_requested", "run_queued"], (await Proxy.HistoryAsync("run_open", "run_queued")).Aliases());
        next.Release();
        await Proxy.HistoryAsync("run_open", "run_started");
        next.Release(2);
        var history = await Proxy.HistoryAsync("run_open", "run_completed");
        Assert.Equal(["run_requested", "run_queued", "run_started", "run_completed"], history.Aliases());
        var times = history.Events.Select(recorded => recorded.Event.Sighting.ObservedAt).ToArray();
        Assert.Equal(times.Order(), times);
    }

    [Theory]
    [InlineData("gzip", "application/json")]
    [InlineData("br", "application/json")]
    [InlineData("deflate", "application/json")]
    [InlineData("gzip", "text/event-stream")]
    [InlineData("br", "text/event-stream")]
    [InlineData("deflate", "text/event-stream")]
    public async Task What_is_compressed_is_observed(string coding, string type)
    {
        var run = $"run_{coding}_{type.Length}";
        var text = type == "application/json" ? Samples.Run(run) : $"data: {Samples.Run(run)}\n\ndata: [DONE]\n\n";
        using var compressed = new MemoryStream();
        await using (Stream coder = coding switch
        {
            "gzip" => new GZipStream(compressed, CompressionLevel.Optimal, leaveOpen: true),
            "br" => new BrotliStream(compressed, CompressionLevel.Optimal, leaveOpen: true),
            _ => new ZLibStream(compressed, CompressionLevel.Optimal, leaveOpen: true),
        }) await coder.WriteAsync(Encoding.UTF8.GetBytes(text));
        Proxy.Answer = async context =>
        {
            context.Response.ContentType = type;
            context.Response.Headers.ContentEncoding = coding;
            await context.Response.Body.WriteAsync(compressed.ToArray());
        };

        Assert.Equal(compressed.ToArray(), await Proxy.Client.BytesAsync("/proxy/threads/thread_1/runs/x"));
        await Proxy.HistoryAsync(run, "run_completed");
    }

    [Fact]
    public async Task A_compressed_stream_is_observed_while_it_is_open()
    {
        var end = new TaskCompletionSource();
        Proxy.Answer = async context =>
        {
            context.Response.ContentType = "text/event-stream";
            context.Response.Headers.ContentEncoding = "gzip";
            await using var gzip = new GZipStream(context.Response.Body, CompressionLevel.Optimal, leaveOpen: true);
            await gzip.WriteAsync(Encoding.UTF8.GetBytes($"data: {Samples.Run("run_unpacked", "in_progress")}\n\n"));
            await gzip.FlushAsync();
            await end.Task;
        };
        using var answer = await Proxy.Client.GetAsync("/proxy/x", HttpCompletionOption.ResponseHeadersRead);

        await Proxy.HistoryAsync("run_unpacked", "run_started");
        end.SetResult();
        await answer.Content.ReadAsByteArrayAsync().InTimeAsync();
    }

    [Fact]
    public async Task What_is_too_large_passes_is_counted_and_said_once()
    {
        using var counted = new Counted("runledger.proxy.unobserved");
        await using var proxy = await RunningProxy.StartAsync(database, new() { ["Proxy:LargestCopy"] = "3000" });
        var large = Samples.Run("run_large", change: run => run["instructions"] = new string('x', 3_000));

        foreach (var hasLength in new[] { true, false })
        {
            proxy.Answer = context =>
            {
                if (hasLength) context.Response.ContentLength = Encoding.UTF8.GetByteCount(large);
                return Passing.Json(large)(context);
            };
            Assert.Equal(large, Encoding.UTF8.GetString(await proxy.Client.BytesAsync("/proxy/threads/thread_1/runs/run_large")));
        }
        proxy.Answer = async context =>
        {
            context.Response.ContentType = "text/event-stream";
            await context.Response.WriteAsync($"data: {large}\n\ndata: {Samples.Run("run_small")}\n\n");
        };
        await proxy.Client.BytesAsync("/proxy/threads/thread_1/runs");

        await proxy.HistoryAsync("run_small", "run_completed");
        Assert.Equal(3, counted["too_large"]);
        Assert.Null(await proxy.Api.Ledger.Runs.HistoryAsync(TenantId.Default, new RunId("run_large"), CancellationToken.None));
        Assert.Equal(
            "Warning: 1 bodies or events passed and were not observed, at last of GET /threads/thread_1/runs/run_large: larger than Proxy:LargestCopy.",
            Assert.Single(proxy.Log));
    }

    [Fact]
    public async Task What_is_no_JSON_and_no_stream_passes_without_a_copy()
    {
        Proxy.Answer = async context =>
        {
            context.Response.ContentType = "text/plain";
            await context.Response.WriteAsync(Samples.Run("run_plain"));
        };
        await Proxy.Client.BytesAsync("/proxy/x");
        Proxy.Answer = Passing.Json(Samples.Run("run_after_plain"));
        await Proxy.Client.BytesAsync("/proxy/x");

        await Proxy.HistoryAsync("run_after_plain", "run_completed");
        Assert.Null(await Proxy.Api.Ledger.Runs.HistoryAsync(TenantId.Default, new RunId("run_plain"), CancellationToken.None));
    }

    [Fact]
    public async Task What_cannot_be_recorded_is_in_quarantine_with_its_request()
    {
        await using var proxy = await RunningProxy.StartAsync(database);
        proxy.Answer = Passing.Json("""{"id":"run_bad","object":"thread.run","status":7}""");
        await proxy.Client.BytesAsync("/proxy/threads/thread_1/runs/run_bad");

        var item = default(JsonElement);
        await Eventually.HoldsAsync("it is in quarantine", async () =>
            (item = (await proxy.Client.GetJsonAsync("/v1/quarantine")).GetProperty("data").EnumerateArray().FirstOrDefault()).ValueKind == JsonValueKind.Object);
        Assert.Contains("GET /threads/thread_1/runs/run_bad", item.AsText(), StringComparison.Ordinal);
        Assert.Contains("proxy", item.GetProperty("source").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Exchanges_give_the_events_that_a_recording_of_them_gives()
    {
        await using var proxy = await RunningProxy.StartAsync(database);
        await using var imported = await database.OpenLedgerAsync();
        var recording = new StringBuilder();
        foreach (var exchange in Course())
        {
            proxy.Answer = async context =>
            {
                context.Response.StatusCode = exchange.Status;
                context.Response.ContentType = exchange.Type;
                await context.Response.WriteAsync(exchange.Body);
            };
            using var request = new HttpRequestMessage(new HttpMethod(exchange.Method), "/proxy" + exchange.Path);
            request.Content = exchange.Request is null ? null : Requests.Json(exchange.Request);
            using var answer = await proxy.Client.SendAsync(request);
            Assert.Equal(exchange.Body, await answer.Content.ReadAsStringAsync());
            recording.Append(exchange.Line).Append('\n');
        }
        using var lines = new MemoryStream(Encoding.UTF8.GetBytes(recording.ToString()));
        await foreach (var _ in new ObservationIntake(imported, TimeProvider.System).ImportAsync(
            TenantId.Default, lines, new CaptureOptions("import") { AllowExchanges = true }, null, CancellationToken.None))
        {
        }

        foreach (var (run, last) in new[] { ("run_1", "run_modified"), ("run_2", "run_completed"), ("resp_1", "run_completed") })
        {
            var expected = await imported.Runs.HistoryAsync(TenantId.Default, new RunId(run), CancellationToken.None);
            var actual = await proxy.HistoryAsync(run, last);
            Assert.Equal(expected!.Events.Select(Told), actual.Events.Select(Told));
        }
    }

    private static IEnumerable<Exchanged> Course()
    {
        const string Runs = "/threads/thread_1/runs";
        var calls = JsonNode.Parse(
            """{"type":"submit_tool_outputs","submit_tool_outputs":{"tool_calls":[{"id":"call_1","type":"function","function":{"name":"f","arguments":"{}"}}]}}""");
        string Run(string status, string id = "run_1", int startedAt = 1) => Samples.Run(id, status, change: run =>
        {
            run["required_action"] = status == "requires_action" ? calls!.DeepClone() : null;
            if (startedAt > 1) run["started_at"] = Samples.Epoch + startedAt;
        });
        yield return new("POST", Runs, """{"assistant_id":"asst_1"}""", Run("queued"));
        yield return new("GET", Runs + "/run_1", null, Run("in_progress"));
        yield return new("GET", Runs + "/run_1", null, Run("requires_action"));
        yield return new("GET", Runs + "/run_1", null, Run("requires_action"));
        yield return new("POST", Runs + "/run_1/submit_tool_outputs", """{"tool_outputs":[{"tool_call_id":"call_1","output":"21"}]}""", Run("queued", startedAt: 2));
        yield return new("GET", Runs + "?limit=2", null,
            $$"""{"object":"list","data":[{{Run("completed", startedAt: 3)}},{{Run("queued", "run_2")}}],"has_more":false}""");
        yield return new("GET", Runs + "/run_9", null, """{"error":{"message":"no"}}""", Status: 404);
        yield return new("GET", "/models", null, """{"object":"list","data":[{"id":"m","object":"model"}]}""");
        yield return new("POST", Runs + "/run_1", """{"metadata":{"a":"b"}}""",
            Samples.Run("run_1", metadata: ("a", "b"), change: run => run["started_at"] = Samples.Epoch + 3));
        yield return new("POST", Runs + "/run_2/cancel", null, Run("completed", "run_2"));
        yield return new("POST", "/responses", """{"model":"gpt-4.1","stream":true}""",
            $"event: response.created\ndata: {{\"type\":\"response.created\",\"response\":{Samples.Response("resp_1", "in_progress")}}}\n\n"
            + "data: {\"type\":\"response.output_text.delta\",\"delta\":\"response\"}\n\n"
            + $"data: {{\"type\":\"response.completed\",\"response\":{Samples.Response("resp_1")}}}\n\n",
            "text/event-stream");
    }

    // What differs is who saw it when.
    private static string Told(RecordedEvent recorded)
    {
        using var output = new MemoryStream();
        using (var writer = new Utf8JsonWriter(output)) RunEventJson.Write(recorded.Event, writer);
        var told = JsonNode.Parse(output.ToArray())!.AsObject();
        foreach (var name in new[] { "observed_at", "source", "basis", "occurred_at" }) told.Remove(name);
        return $"{recorded.Version} {Passing.Alias(recorded)} {told.ToJsonString()}";
    }

    private sealed record Exchanged(string Method, string Path, string? Request, string Body, string Type = "application/json", int Status = 200)
    {
        public string Line => new JsonObject
        {
            ["method"] = Method,
            ["path"] = Path,
            ["request"] = Request is null ? null : JsonNode.Parse(Request),
            ["status"] = Status,
            ["content_type"] = Type,
            ["body"] = Type == "application/json" ? JsonNode.Parse(Body) : Body,
        }.ToJsonString();
    }
}
