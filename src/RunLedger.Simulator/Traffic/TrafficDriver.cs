using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;

namespace RunLedger.Simulator.Traffic;

/// <summary>
/// A simulated client of an assistants service. It creates runs on several threads at a rate, answers their tool calls, cancels some,
/// modifies others, and follows each to its end. Rate limits, server errors, timeouts and lost connections are tried again; when the
/// answer to a creation was lost, the service may so have a run that the driver knows nothing of, as with any real client.
/// </summary>
public sealed class TrafficDriver : IDisposable
{
    private readonly TrafficOptions _options;
    private readonly AssistantsClient _client;

    /// <summary>A driver for the service at an address.</summary>
    /// <param name="baseAddress">The address with its version, e.g. <c>http://127.0.0.1:40123/v1</c>.</param>
    /// <param name="options">What the client does; the defaults when null.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public TrafficDriver(Uri baseAddress, TrafficOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(baseAddress);
        _options = options ?? new TrafficOptions();
        _options.Validate();
        _client = new AssistantsClient(baseAddress, _options);
    }

    /// <summary>Drives until every run has ended, or until cancelled.</summary>
    /// <param name="onCreated">Told of each run once it is created, before anything else is done to it; runs are told of at once.</param>
    /// <param name="cancellationToken">Stops; runs under way are left as they are.</param>
    /// <returns>What was done.</returns>
    /// <exception cref="OperationCanceledException">It was cancelled before every run had ended.</exception>
    /// <exception cref="HttpRequestException">The service refused what it should take, or failed at every attempt.</exception>
    public async Task<TrafficReport> DriveAsync(
        Func<CreatedRun, CancellationToken, ValueTask>? onCreated = null, CancellationToken cancellationToken = default)
    {
        var threads = await CreateThreadsAsync(cancellationToken);
        var endings = new ConcurrentDictionary<string, int>();
        await Parallel.ForEachAsync(
            PaceAsync(cancellationToken),
            new ParallelOptions { MaxDegreeOfParallelism = _options.RunsAtOnce, CancellationToken = cancellationToken },
            async (ordinal, cancelled) =>
            {
                var errand = Errand.Draw(_options, ordinal);
                var run = await CreateAsync(errand, threads, cancelled);
                if (onCreated is not null)
                {
                    await onCreated(run, cancelled);
                }

                var status = await new RunFollower(_client, _options, errand, run).FollowAsync(cancelled);
                endings.AddOrUpdate(status, 1, (_, count) => count + 1);
            });
        return new TrafficReport(endings, _client.Retries);
    }

    /// <summary>Closes the driver's connections.</summary>
    public void Dispose() => _client.Dispose();

    private async Task<IReadOnlyList<string>> CreateThreadsAsync(CancellationToken cancellationToken)
    {
        var threads = new List<string>();
        while (threads.Count < _options.Threads)
        {
            var metadata = new JsonObject { ["channel"] = threads.Count.ToString(CultureInfo.InvariantCulture) };
            var thread = await _client.PostAsync("threads", new JsonObject { ["metadata"] = metadata }, cancellationToken);
            threads.Add(thread.GetProperty("id").GetString()!);
        }

        return threads;
    }

    /// <summary>The runs' ordinals, each when it is due.</summary>
    private async IAsyncEnumerable<int> PaceAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var start = _options.Time.GetTimestamp();
        for (var ordinal = 0; ordinal < (_options.Runs ?? int.MaxValue); ordinal++)
        {
            var due = TimeSpan.FromSeconds(ordinal / _options.RunsPerSecond) - _options.Time.GetElapsedTime(start);
            if (due > TimeSpan.Zero)
            {
                await Task.Delay(due, _options.Time, cancellationToken);
            }

            yield return ordinal;
        }
    }

    private async Task<CreatedRun> CreateAsync(Errand errand, IReadOnlyList<string> threads, CancellationToken cancellationToken)
    {
        var body = errand.CreateRunRequest();
        var ownThread = errand.HasOwnThread || threads.Count == 0;
        if (ownThread)
        {
            body["thread"] = new JsonObject { ["messages"] = new JsonArray(errand.Message()) };
        }
        else
        {
            body["additional_messages"] = new JsonArray(errand.Message());
        }

        var path = ownThread ? "threads/runs" : $"threads/{threads[errand.Ordinal % threads.Count]}/runs";
        var run = await _client.PostAsync(path, body, cancellationToken);
        return new CreatedRun(run.GetProperty("thread_id").GetString()!, run.GetProperty("id").GetString()!);
    }
}

/// <summary>A run that the driver created.</summary>
/// <param name="ThreadId">The thread's id.</param>
/// <param name="RunId">The run's id.</param>
public readonly record struct CreatedRun(string ThreadId, string RunId);

/// <summary>What a driver did.</summary>
/// <param name="EndedByStatus">How many runs ended in each status, by the API's name of it.</param>
/// <param name="Retries">How many requests had to be made again.</param>
public sealed record TrafficReport(IReadOnlyDictionary<string, int> EndedByStatus, long Retries)
{
    /// <summary>How many runs the driver created and followed to their end.</summary>
    public int Ended => EndedByStatus.Values.Sum();
}
