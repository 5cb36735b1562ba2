using System.Net.Sockets;
using System.Text;

namespace RunLedger.Host.Tests.Api;

[Collection(TestDatabase.Collection)]
public sealed class HeadTests(TestApi api) : IClassFixture<TestApi>
{
    [Theory]
    [InlineData("/")]
    [InlineData("/openapi/v1.json")]
    [InlineData("/healthz/live")]
    [InlineData("/healthz/ready")]
    [InlineData("/v1/threads/thread_1/runs")]
    [InlineData("/v1/threads/thread_1/runs/run_head")]
    [InlineData("/v1/responses/resp_head")]
    [InlineData("/v1/runs")]
    [InlineData("/v1/runs/run_head")]
    [InlineData("/v1/runs/run_head/events")]
    [InlineData("/v1/runs/run_of_nobody")]
    [InlineData("/v1/usage?group_by=model")]
    [InlineData("/v1/usage?group_by=nothing")]
    [InlineData("/v1/audit/checkpoint")]
    [InlineData("/v1/audit/proof/run_head")]
    [InlineData("/v1/organization/usage/completions?start_time=0")]
    [InlineData("/v1/prices")]
    [InlineData("/v1/projections")]
    [InlineData("/v1/quarantine")]
    public async Task HEAD_is_answered_as_GET_is_without_the_body(string path)
    {
        await api.Client.PushAsync(Samples.Run("run_head"), Samples.Response("resp_head"));
        using var get = await api.Client.GetAsync(path, HttpCompletionOption.ResponseHeadersRead);
        var length = get.Content.Headers.ContentLength; // Of what is streamed none is stated.

        var (head, after) = await HeadThenLiveAsync(path);

        Assert.StartsWith($"HTTP/1.1 {(int)get.StatusCode} ", head, StringComparison.Ordinal);
        Assert.Equal(length is null ? [] : [$"Content-Length: {length}"], head.Split("\r\n").Where(line => line.StartsWith("Content-Length:", StringComparison.Ordinal)));
        Assert.Contains($"\r\nContent-Type: {get.Content.Headers.NonValidated["Content-Type"]}\r\n", head, StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 200 ", after, StringComparison.Ordinal); // Nothing stands between the headers and the next answer.
    }

    [Fact]
    public async Task Events_that_never_end_have_no_HEAD()
    {
        using var answer = await api.Client.SendAsync(new HttpRequestMessage(HttpMethod.Head, "/v1/events"));

        Assert.Equal(405, (int)answer.StatusCode);
        Assert.Equal(["GET"], answer.Content.Headers.Allow);
    }

    // Two requests on one connection: the headers of the answer to HEAD, and all that comes after them.
    private async Task<(string Head, string After)> HeadThenLiveAsync(string path)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(api.Client.BaseAddress!.Host, api.Client.BaseAddress.Port);
        await using var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"HEAD {path} HTTP/1.1\r\nHost: localhost\r\n\r\nGET /healthz/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"));
        using var reader = new StreamReader(stream, Encoding.UTF8);
        var answers = await reader.ReadToEndAsync();
        var end = answers.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4;
        return (answers[..end], answers[end..]);
    }
}
