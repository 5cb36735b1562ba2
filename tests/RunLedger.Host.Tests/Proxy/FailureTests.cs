using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http;
using RunLedger.Host.Tests.Api;

namespace RunLedger.Host.Tests.Proxy;

/// <summary>What the client hears when the upstream fails, and the upstream when the client goes.</summary>
[Collection(TestDatabase.Collection)]
public sealed class FailureTests(SharedProxy shared, TestDatabase database) : IClassFixture<SharedProxy>
{
    private RunningProxy Proxy => shared.Running;

    [Fact]
    public async Task An_upstream_that_cannot_be_reached_is_answered_502_and_logged_once()
    {
        using var unused = new TcpListener(IPAddress.Loopback, 0);
        unused.Start();
        var address = $"http://{unused.LocalEndpoint}";
        unused.Stop();
        var log = new LoggedLines();
        using var counted = new Counted("runledger.proxy.requests");
        await using var api = await RunningProxy.HostAsync(database, new() { ["Proxy:Upstream"] = address }, log);

        for (var i = 0; i < 2; i++)
            await (await api.Client.PostAsync("/proxy/v1/threads", Requests.Json("{}"))).ProblemAsync(502);

        Assert.Equal(2, counted["unreachable"]);
        Assert.Single(log, line => line.StartsWith("Warning: The upstream of the proxy does not answer", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_upstream_that_takes_no_connection_in_time_is_answered_504()
    {
        using var busy = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        busy.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        busy.Listen(0);
        var waiting = Enumerable.Range(0, 8).Select(_ => new TcpClient()).ToList();
        var connecting = waiting.Select(client => client.ConnectAsync((IPEndPoint)busy.LocalEndPoint!)).ToList();
        await using var api = await RunningProxy.HostAsync(
            database, new() { ["Proxy:Upstream"] = $"http://{busy.LocalEndPoint}", ["Proxy:ConnectTimeout"] = "00:00:00.2" });

        await api.Client.ProblemAsync(504, "/proxy/v1/threads");

        waiting.ForEach(client => client.Dispose());
        await Assert.ThrowsAnyAsync<Exception>(() => Task.WhenAll(connecting));
    }

    [Fact]
    public async Task An_upstream_that_ends_the_connection_instead_of_answering_is_answered_502()
    {
        Proxy.Answer = context =>
        {
            context.Abort();
            return Task.CompletedTask;
        };

        await Proxy.Client.ProblemAsync(502, "/proxy/x");
    }

    [Theory]
    [InlineData(true, "application/json")]
    [InlineData(false, "application/json")]
    [InlineData(false, "text/event-stream")]
    public async Task An_answer_that_breaks_off_is_not_ended_as_if_it_were_whole(bool hasLength, string type)
    {
        using var counted = new Counted("runledger.proxy.requests");
        var isRead = new TaskCompletionSource();
        Proxy.Answer = async context =>
        {
            context.Response.ContentType = type;
            if (hasLength) context.Response.ContentLength = 100;
            await context.Response.WriteAsync("{\"half\":");
            await context.Response.Body.FlushAsync();
            await isRead.Task;
            context.Abort();
        };
        using var answer = await Proxy.Client.GetAsync("/proxy/x", HttpCompletionOption.ResponseHeadersRead);
        await using var body = await answer.Content.ReadAsStreamAsync();
        await body.ReadExactlyAsync(new byte["{\"half\":".Length]).AsTask().InTimeAsync();
        isRead.SetResult();
        await Assert.ThrowsAnyAsync<IOException>(() => body.ReadExactlyAsync(new byte[1]).AsTask().InTimeAsync());

        Assert.Equal((1, 0), (counted["broken_off"], counted["passed"]));
    }

    [Fact]
    public async Task A_client_that_goes_while_it_waits_cancels_the_request_at_the_upstream()
    {
        var (begun, cancelled) = (new TaskCompletionSource(), new TaskCompletionSource());
        Proxy.Answer = async context =>
        {
            await using var gone = context.RequestAborted.Register(cancelled.SetResult);
            begun.SetResult();
            await cancelled.Task;
        };
        using var leave = new CancellationTokenSource();
        var asking = Proxy.Client.GetAsync("/proxy/x", leave.Token);
        await begun.Task.InTimeAsync();
        await leave.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking);
        await cancelled.Task.InTimeAsync();
    }

    [Fact]
    public async Task A_client_that_goes_in_the_middle_of_a_stream_cancels_it_and_what_had_passed_is_observed()
    {
        var cancelled = new TaskCompletionSource();
        Proxy.Answer = async context =>
        {
            await using var gone = context.RequestAborted.Register(cancelled.SetResult);
            context.Response.ContentType = "text/event-stream";
            await context.Response.WriteAsync($"data: {Samples.Run("run_left", "in_progress")}\n\ndata: {Samples.Run("run_left", "completed")[..50]}");
            await context.Response.Body.FlushAsync();
            await cancelled.Task;
        };
        using var http = new HttpClient(new SocketsHttpHandler { ResponseDrainTimeout = TimeSpan.Zero }) { BaseAddress = Proxy.Api.BaseAddress };
        var answer = await http.GetAsync("/proxy/threads/thread_1/runs", HttpCompletionOption.ResponseHeadersRead);
        using (var lines = new StreamReader(await answer.Content.ReadAsStreamAsync())) await lines.ReadLineAsync().InTimeAsync();
        answer.Dispose();

        await cancelled.Task.InTimeAsync();
        Assert.Equal(["run_queued", "run_started"], (await Proxy.HistoryAsync("run_left", "run_started")).Aliases());
    }

    [Fact]
    public async Task A_client_that_goes_while_it_sends_cancels_the_request_at_the_upstream()
    {
        var (begun, cancelled) = (new TaskCompletionSource(), new TaskCompletionSource());
        Proxy.Answer = async context =>
        {
            await using var gone = context.RequestAborted.Register(cancelled.SetResult);
            await context.Request.Body.ReadExactlyAsync(new byte[1]);
            begun.SetResult();
            await cancelled.Task;
        };
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, Proxy.Api.BaseAddress.Port);
        await client.GetStream().WriteAsync(
            "POST /proxy/threads/runs HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{"u8.ToArray());
        await begun.Task.InTimeAsync();
        client.Close();

        await cancelled.Task.InTimeAsync();
    }

    [Fact]
    public async Task A_body_that_the_client_frames_wrongly_is_answered_400()
    {
        Proxy.Answer = async context => await context.Request.Body.CopyToAsync(Stream.Null);
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, Proxy.Api.BaseAddress.Port);
        await client.GetStream().WriteAsync("POST /proxy/x HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nno length\r\n"u8.ToArray());
        using var lines = new StreamReader(client.GetStream());

        Assert.StartsWith("HTTP/1.1 400 ", await lines.ReadLineAsync().InTimeAsync(), StringComparison.Ordinal);
    }
}
