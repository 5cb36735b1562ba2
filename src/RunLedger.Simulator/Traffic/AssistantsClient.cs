using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace RunLedger.Simulator.Traffic;

/// <summary>Speaks to an assistants service, and makes a request again while that may help.</summary>
internal sealed class AssistantsClient : IDisposable
{
    private readonly HttpClient _http;
    private readonly TrafficOptions _options;
    private long _retries;

    public AssistantsClient(Uri baseAddress, TrafficOptions options)
    {
        _options = options;
        _http = new HttpClient(new SocketsHttpHandler { UseProxy = false })
        {
            // A relative address replaces what stands after the base's last slash.
            BaseAddress = new Uri(baseAddress.AbsoluteUri.TrimEnd('/') + "/"),
            Timeout = Timeout.InfiniteTimeSpan,
        };
        _http.DefaultRequestHeaders.Add("OpenAI-Beta", "assistants=v2");
        if (options.ApiKey is not null)
        {
            _http.DefaultRequestHeaders.Add("Authorization", "Bearer " + options.ApiKey);
        }
    }

    public long Retries => Interlocked.Read(ref _retries);

    /// <exception cref="HttpRequestException">The service refused, or failed at every attempt.</exception>
    public async Task<JsonElement> GetAsync(string path, CancellationToken cancellationToken) =>
        Accepted(await SendAsync(HttpMethod.Get, path, null, cancellationToken));

    /// <exception cref="HttpRequestException">The service refused, or failed at every attempt.</exception>
    public async Task<JsonElement> PostAsync(string path, JsonObject? body, CancellationToken cancellationToken) =>
        Accepted(await SendAsync(HttpMethod.Post, path, body, cancellationToken));

    /// <summary>
    /// Posts what may come too late: that the service refuses (400) because the run has moved on, or because the answer to an earlier
    /// attempt was lost, is no error. The next look at the run tells.
    /// </summary>
    /// <exception cref="HttpRequestException">The service refused for another reason, or failed at every attempt.</exception>
    public async Task TryPostAsync(string path, JsonObject? body, CancellationToken cancellationToken)
    {
        var answer = await SendAsync(HttpMethod.Post, path, body, cancellationToken);
        if (answer.Status != HttpStatusCode.BadRequest)
        {
            Accepted(answer);
        }
    }

    public void Dispose() => _http.Dispose();

    private static JsonElement Accepted(Answer answer) => (int)answer.Status is >= 200 and < 300
        ? JsonElement.Parse(answer.Body)
        : throw new HttpRequestException($"The assistants service answered {(int)answer.Status}: {answer.Body}", null, answer.Status);

    private async Task<Answer> SendAsync(HttpMethod method, string path, JsonObject? body, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            var (answer, failure) = await AttemptAsync(method, path, body, cancellationToken);
            if (answer is { MayBetter: false })
            {
                return answer;
            }

            if (attempt >= _options.Attempts)
            {
                return answer ?? throw new HttpRequestException($"{method} {path} failed {attempt} times.", failure);
            }

            Interlocked.Increment(ref _retries);
            await Task.Delay(DelayBefore(attempt + 1, answer), _options.Time, cancellationToken);
        }
    }

    /// <summary>One attempt: an answer, or the failure that came in its place.</summary>
    private async Task<(Answer? Answer, Exception? Failure)> AttemptAsync(
        HttpMethod method, string path, JsonObject? body, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(_options.RequestTimeout, _options.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
        {
            request.Content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
        }

        try
        {
            using var response = await _http.SendAsync(request, either.Token);
            var text = await response.Content.ReadAsStringAsync(either.Token);
            return (new Answer(response.StatusCode, text, response.Headers.RetryAfter?.Delta), null);
        }
        catch (HttpRequestException lost)
        {
            return (null, lost);
        }
        catch (OperationCanceledException late) when (!cancellationToken.IsCancellationRequested)
        {
            return (null, late);
        }
    }

    private TimeSpan DelayBefore(int attempt, Answer? answer)
    {
        var asked = answer?.RetryAfter ?? TimeSpan.FromMilliseconds(25 * Math.Pow(2, Math.Min(attempt, 8)));
        return asked < _options.LongestRetryDelay ? asked : _options.LongestRetryDelay;
    }

    private sealed record Answer(HttpStatusCode Status, string Body, TimeSpan? RetryAfter)
    {
        public bool MayBetter => Status == HttpStatusCode.TooManyRequests || (int)Status >= 500;
    }
}
