using System.Text.Json;

namespace RunLedger.Host.Tests.Api;

/// <summary>A client of the event feed: reads lines, and remembers where to go on.</summary>
internal sealed class FeedReader(HttpClient client, string query = "") : IDisposable
{
    private HttpResponseMessage? _answer;
    private StreamReader? _lines;

    /// <summary>The position of the newest line read.</summary>
    public long Position { get; private set; }

    /// <summary>The events read, over all connections.</summary>
    public List<JsonElement> Events { get; } = [];

    /// <summary>The lines that say how far the feed got.</summary>
    public List<JsonElement> Positions { get; } = [];

    /// <summary>Whether the newest line said that there is no more.</summary>
    public bool IsAtHead { get; private set; }

    public IEnumerable<string> Types => Events.Select(next => next.GetProperty("type").GetString()!);

    /// <summary>Reads the next line, connecting first where it is not; false at the end.</summary>
    public async Task<bool> ReadAsync(CancellationToken cancellationToken = default)
    {
        if (_lines is null) await ConnectAsync(cancellationToken);
        if (await _lines!.ReadLineAsync(cancellationToken) is not { } line) return false;
        var read = JsonDocument.Parse(line).RootElement;
        Position = read.GetProperty("position").GetInt64();
        IsAtHead = read.TryGetProperty("at_head", out var atHead) && atHead.GetBoolean();
        (read.GetProperty("object").GetString() == "event" ? Events : Positions).Add(read);
        return true;
    }

    /// <summary>Reads until a condition holds.</summary>
    public async Task UntilAsync(Func<bool> condition)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!condition()) Assert.True(await ReadAsync(limit.Token), "The feed ended.");
    }

    /// <summary>Reads to the end.</summary>
    public async Task ToEndAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (await ReadAsync(limit.Token))
        {
        }
    }

    public void Disconnect()
    {
        _answer?.Dispose();
        (_answer, _lines, IsAtHead) = (null, null, false);
    }

    public void Dispose() => Disconnect();

    private async Task ConnectAsync(CancellationToken cancellationToken)
    {
        _answer = await client.GetAsync($"/v1/events?after={Position}{query}", HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        Assert.True(_answer.IsSuccessStatusCode, $"{_answer.StatusCode}");
        Assert.Equal("application/x-ndjson", _answer.Content.Headers.ContentType?.MediaType);
        _lines = new StreamReader(await _answer.Content.ReadAsStreamAsync(cancellationToken));
    }
}
