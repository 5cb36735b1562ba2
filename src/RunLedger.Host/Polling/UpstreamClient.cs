using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;

namespace RunLedger.Host.Polling;

/// <summary>Asks one upstream, over connections that are kept.</summary>
public sealed class UpstreamClient : IDisposable
{
    /// <summary>The size in bytes beyond which an answer is not read.</summary>
    internal const long LargestBody = 64 * 1024 * 1024;

    private static readonly TimeSpan LongestRetryAfter = TimeSpan.FromHours(1);

    private readonly HttpClient _http;
    private readonly TimeSpan _timeout;
    private readonly TimeProvider _clock;

    /// <summary>A client of an upstream.</summary>
    public UpstreamClient(UpstreamOptions options, TimeProvider clock)
    {
        _timeout = options.RequestTimeout;
        _clock = clock;
        // A relative address replaces what stands after the base's last slash.
        var baseAddress = new Uri(options.BaseUrl.TrimEnd('/') + "/");
        _http = new HttpClient(new SocketsHttpHandler
        {
            // A redirect would carry the key elsewhere.
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.All,
            MaxConnectionsPerServer = options.MaxConcurrency,
            // Connections are made anew now and then, so that a change of the name's addresses is noticed.
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            UseCookies = false,
            UseProxy = !baseAddress.IsLoopback,
        })
        {
            BaseAddress = baseAddress,
            Timeout = Timeout.InfiniteTimeSpan,
        };
        _http.DefaultRequestHeaders.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        _http.DefaultRequestHeaders.Add("OpenAI-Beta", "assistants=v2");
        if (options.ApiKey is not null) _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", options.ApiKey);
        foreach (var (name, value) in options.Headers)
        {
            _http.DefaultRequestHeaders.Remove(name);
            _http.DefaultRequestHeaders.TryAddWithoutValidation(name, value);
        }
    }

    /// <summary>Gets what is at a path, once.</summary>
    /// <param name="path">The path from the base address, without a slash at its start.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<UpstreamAnswer> GetAsync(string path, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(_timeout, _clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            using var response = await _http.GetAsync(path, HttpCompletionOption.ResponseHeadersRead, either.Token);
            var receivedAt = _clock.GetUtcNow();
            await response.Content.LoadIntoBufferAsync(LargestBody, either.Token);
            var body = await response.Content.ReadAsByteArrayAsync(either.Token);
            return AnswerOf(response, body, receivedAt);
        }
        catch (Exception lost) when (lost is HttpRequestException or IOException)
        {
            return new UpstreamAnswer.Failure(lost.Message, null);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new UpstreamAnswer.Failure($"no answer within {_timeout}", null);
        }
    }

    /// <summary>Closes the connections.</summary>
    public void Dispose() => _http.Dispose();

    private UpstreamAnswer AnswerOf(HttpResponseMessage response, byte[] body, DateTimeOffset receivedAt) => response.StatusCode switch
    {
        HttpStatusCode.OK => new UpstreamAnswer.Success(body, receivedAt),
        HttpStatusCode.NotFound when JsonBody.Read(body) is { Kind: JsonValueKind.Object } => new UpstreamAnswer.NotFound(),
        HttpStatusCode.TooManyRequests => new UpstreamAnswer.RateLimited(RetryAfter(response.Headers.RetryAfter)),
        var status => new UpstreamAnswer.Failure($"answered {(int)status}", RetryAfter(response.Headers.RetryAfter)),
    };

    private TimeSpan? RetryAfter(RetryConditionHeaderValue? header)
    {
        var asked = header?.Delta ?? header?.Date - _clock.GetUtcNow();
        return asked > LongestRetryAfter ? LongestRetryAfter : asked;
    }
}
