using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using RunLedger.Host.Tests.Api;

namespace RunLedger.Host.Tests.Proxy;

/// <summary>What passes, passes unchanged and as it comes.</summary>
[Collection(TestDatabase.Collection)]
public sealed class ForwardingTests(SharedProxy shared, TestDatabase database) : IClassFixture<SharedProxy>
{
    private RunningProxy Proxy => shared.Running;

    [Theory]
    [InlineData(0, false)]
    [InlineData(1, false)]
    [InlineData(70_001, false)]
    [InlineData(5_000_000, false)]
    [InlineData(0, true)]
    [InlineData(1, true)]
    [InlineData(70_001, true)]
    [InlineData(5_000_000, true)]
    public async Task Bodies_pass_byte_for_byte_both_ways_chunked_and_with_length(int size, bool isChunked)
    {
        var sent = new byte[size];
        new Random(size).NextBytes(sent);
        Proxy.Answer = async context =>
        {
            Assert.Equal(isChunked ? null : size, context.Request.ContentLength);
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            if (!isChunked) context.Response.ContentLength = body.Length;
            await context.Response.Body.WriteAsync(body.ToArray());
        };
        using var request = new HttpRequestMessage(HttpMethod.Post, "/proxy/files") { Content = new ByteArrayContent(sent) };
        request.Headers.TransferEncodingChunked = isChunked;
        using var answer = await Proxy.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);

        Assert.Equal(isChunked && size > 0 ? null : size, answer.Content.Headers.ContentLength);
        Assert.Equal(sent, await answer.Content.ReadAsByteArrayAsync());
    }

    [Theory]
    [InlineData("GET")]
    [InlineData("PUT")]
    [InlineData("PATCH")]
    [InlineData("DELETE")]
    [InlineData("OPTIONS")]
    [InlineData("REPORT")]
    public async Task Every_method_passes(string method)
    {
        Proxy.Answer = context => context.Response.WriteAsync(context.Request.Method);
        using var answer = await Proxy.Client.SendAsync(new HttpRequestMessage(new HttpMethod(method), "/proxy/x"));

        Assert.Equal(method, await answer.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task The_answer_to_HEAD_keeps_the_length_that_it_states()
    {
        Proxy.Answer = context =>
        {
            context.Response.ContentLength = 12_345;
            return Task.CompletedTask;
        };
        using var answer = await Proxy.Client.SendAsync(new HttpRequestMessage(HttpMethod.Head, "/proxy/x"));

        Assert.Equal(12_345, answer.Content.Headers.ContentLength);
    }

    [Theory]
    [InlineData(200)]
    [InlineData(202)]
    [InlineData(204)]
    [InlineData(302)]
    [InlineData(304)]
    [InlineData(400)]
    [InlineData(401)]
    [InlineData(404)]
    [InlineData(418)]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(503)]
    [InlineData(599)]
    public async Task Every_status_passes_and_no_redirect_is_followed(int status)
    {
        Proxy.Answer = context =>
        {
            context.Response.StatusCode = status;
            context.Features.GetRequiredFeature<IHttpResponseFeature>().ReasonPhrase = "As Scripted";
            context.Response.Headers.Location = "/elsewhere";
            context.Response.Headers.RetryAfter = "7";
            return status is 204 or 304 ? Task.CompletedTask : context.Response.WriteAsync($"body of {status}");
        };
        using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = Proxy.Api.BaseAddress };
        using var answer = await http.GetAsync("/proxy/x");

        Assert.Equal((status, "As Scripted"), ((int)answer.StatusCode, answer.ReasonPhrase));
        Assert.Equal(("/elsewhere", "7"), (answer.Headers.Location?.OriginalString, answer.Headers.RetryAfter?.ToString()));
        Assert.Equal(status is 204 or 304 ? "" : $"body of {status}", await answer.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Headers_pass_but_for_those_of_the_connection_and_the_ledgers_key()
    {
        IHeaderDictionary? seen = null;
        Proxy.Answer = context =>
        {
            seen = new HeaderDictionary(context.Request.Headers.ToDictionary());
            context.Response.Headers.Append("Set-Cookie", "a=1");
            context.Response.Headers.Append("Set-Cookie", "b=2");
            context.Response.Headers["x-request-id"] = "req_1";
            context.Response.Headers.Connection = "X-Hop";
            context.Response.Headers["X-Hop"] = "gone";
            context.Response.Headers.KeepAlive = "timeout=5";
            return Task.CompletedTask;
        };
        using var request = new HttpRequestMessage(HttpMethod.Get, "/proxy/x");
        foreach (var (name, value) in new[]
        {
            ("Authorization", "Bearer sk-upstream"), ("OpenAI-Beta", "assistants=v2"), ("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
            ("Cookie", "c=3"), ("X-Api-Key", "of-the-ledger"), ("Connection", "X-Named"), ("X-Named", "gone"), ("Keep-Alive", "timeout=5"), ("TE", "trailers"),
            ("Proxy-Connection", "keep-alive"), ("X-Name", "Zoë"), ("User-Agent", "odd (agent)/1"), ("Accept-Encoding", "gzip, zstd"),
        }) request.Headers.TryAddWithoutValidation(name, value);
        using var handler = new SocketsHttpHandler { RequestHeaderEncodingSelector = (_, _) => Encoding.UTF8, UseCookies = false, ActivityHeadersPropagator = null };
        using var http = new HttpClient(handler) { BaseAddress = Proxy.Api.BaseAddress };
        using var answer = await http.SendAsync(request);

        Assert.Equal(
            [
                "Accept-Encoding: gzip, zstd", "Authorization: Bearer sk-upstream", "Cookie: c=3", $"Host: {Proxy.Upstream.Authority}", "OpenAI-Beta: assistants=v2",
                "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "User-Agent: odd (agent)/1", "X-Name: Zoë",
            ],
            seen!.Select(header => $"{header.Key}: {header.Value}").Order(StringComparer.OrdinalIgnoreCase));
        Assert.Equal(["a=1", "b=2"], answer.Headers.GetValues("Set-Cookie"));
        Assert.Equal(["req_1"], answer.Headers.GetValues("x-request-id"));
        Assert.False(answer.Headers.Contains("X-Hop") || answer.Headers.Contains("Keep-Alive"));
    }

    [Fact]
    public async Task What_the_upstream_compressed_stays_compressed()
    {
        var compressed = Compressed("text that is compressed");
        Proxy.Answer = Passing.Json("", "gzip", compressed);
        using var http = new HttpClient(new SocketsHttpHandler { AutomaticDecompression = DecompressionMethods.None }) { BaseAddress = Proxy.Api.BaseAddress };

        Assert.Equal(compressed, await http.BytesAsync("/proxy/x"));
    }

    [Fact]
    public async Task An_answer_streams_as_it_comes()
    {
        var next = new SemaphoreSlim(0);
        Proxy.Answer = async context =>
        {
            context.Response.ContentType = "text/event-stream";
            await context.Response.Body.FlushAsync();
            for (var i = 0; i < 3; i++)
            {
                await next.WaitAsync();
                await context.Response.WriteAsync($"data: {i}\n\n");
            }
        };
        using var answer = await Proxy.Client.GetAsync("/proxy/x", HttpCompletionOption.ResponseHeadersRead).InTimeAsync();
        using var lines = new StreamReader(await answer.Content.ReadAsStreamAsync());
        for (var i = 0; i < 3; i++)
        {
            next.Release();
            Assert.Equal(($"data: {i}", ""), (await lines.ReadLineAsync().InTimeAsync(), await lines.ReadLineAsync().InTimeAsync()));
        }
        Assert.Null(await lines.ReadLineAsync().InTimeAsync());
    }

    [Fact]
    public async Task A_request_streams_as_it_comes()
    {
        var (begun, rest) = (new TaskCompletionSource<string>(), new TaskCompletionSource());
        Proxy.Answer = async context =>
        {
            using var lines = new StreamReader(context.Request.Body);
            begun.SetResult((await lines.ReadLineAsync())!);
            await context.Response.WriteAsync((await lines.ReadLineAsync())!);
        };
        var answering = Proxy.Client.PostAsync("/proxy/x", new SlowContent(rest.Task));
        Assert.Equal("first", await begun.Task.InTimeAsync());
        rest.SetResult();

        Assert.Equal("second", await (await answering.InTimeAsync()).Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Who_expects_100_continue_hears_from_the_upstream_whether_to_send_the_body()
    {
        Proxy.Answer = async context =>
        {
            if (context.Request.Path.Value!.EndsWith("/refused", StringComparison.Ordinal)) context.Response.StatusCode = 401;
            else await context.Request.Body.CopyToAsync(context.Response.Body);
        };
        using var refused = new TcpClient();
        await refused.ConnectAsync(IPAddress.Loopback, Proxy.Api.BaseAddress.Port);
        await SendAsync(refused, "POST /proxy/refused HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5000\r\nExpect: 100-continue\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 401 ", await ReadAsync(refused), StringComparison.Ordinal);

        using var taken = new TcpClient();
        await taken.ConnectAsync(IPAddress.Loopback, Proxy.Api.BaseAddress.Port);
        await SendAsync(taken, "POST /proxy/taken HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 100 ", await ReadAsync(taken), StringComparison.Ordinal);
        await SendAsync(taken, "hello");
        using var rest = new StreamReader(taken.GetStream());
        Assert.Contains("hello", await rest.ReadToEndAsync().InTimeAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task WebSockets_are_answered_501_and_other_upgrades_are_left_alone()
    {
        Proxy.Answer = context => context.Response.WriteAsync($"upgrade: {context.Request.Headers.Upgrade}");
        await (await UpgradeAsync("websocket")).ProblemAsync(501);

        using var answer = await UpgradeAsync("h2c");
        Assert.Equal("upgrade: ", await answer.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Headers_beyond_ASCII_pass_byte_for_byte()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        await using var api = await RunningProxy.HostAsync(database, new() { ["Proxy:Upstream"] = $"http://{listener.LocalEndpoint}" });
        using var http = new HttpClient(new SocketsHttpHandler { ResponseHeaderEncodingSelector = (_, _) => Encoding.UTF8 }) { BaseAddress = api.BaseAddress };
        var answering = http.GetAsync("/proxy/x");
        using var asked = await listener.AcceptTcpClientAsync().InTimeAsync();
        await asked.GetStream().WriteAsync("HTTP/1.1 200 OK\r\nX-Name: Zoë\r\nContent-Length: 0\r\n\r\n"u8.ToArray());

        using var answer = await answering.InTimeAsync();
        Assert.Equal(["Zoë"], answer.Headers.GetValues("X-Name"));
    }

    private Task<HttpResponseMessage> UpgradeAsync(string protocol)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, "/proxy/x");
        request.Headers.Connection.Add("Upgrade");
        request.Headers.Upgrade.Add(new ProductHeaderValue(protocol));
        return Proxy.Client.SendAsync(request);
    }

    private static byte[] Compressed(string text)
    {
        using var output = new MemoryStream();
        using (var gzip = new GZipStream(output, CompressionLevel.Optimal)) gzip.Write(Encoding.UTF8.GetBytes(text));
        return output.ToArray();
    }

    private static async Task SendAsync(TcpClient client, string text) => await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(text));

    private static async Task<string> ReadAsync(TcpClient client)
    {
        var buffer = new byte[4_096];
        return Encoding.ASCII.GetString(buffer, 0, await client.GetStream().ReadAsync(buffer).AsTask().InTimeAsync());
    }

    private sealed class SlowContent(Task rest) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.WriteAsync("first\n"u8.ToArray());
            await stream.FlushAsync();
            await rest;
            await stream.WriteAsync("second\n"u8.ToArray());
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
