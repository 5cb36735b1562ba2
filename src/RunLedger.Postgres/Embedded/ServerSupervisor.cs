using Microsoft.Extensions.Logging;

namespace RunLedger.Postgres.Embedded;

/// <summary>
/// Watches a cluster's server from start to stop. When it dies, the owner starts it again; one that is attached does so when there is no
/// owner any more, and is the owner from then on.
/// </summary>
internal sealed class ServerSupervisor : IAsyncDisposable
{
    private static readonly TimeSpan WatchInterval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan SteadyAfter = TimeSpan.FromMinutes(1);

    private readonly Cluster _cluster;
    private readonly EmbeddedPostgresOptions _options;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _end = new();
    private readonly Task _watching;
    private volatile OwnerLock? _owned;
    private volatile Postmaster _server;
    private long _startedAt;
    private int _attempts;

    public ServerSupervisor(Cluster cluster, EmbeddedPostgresOptions options, ILogger logger, Postmaster server, OwnerLock? owned)
    {
        _cluster = cluster;
        _options = options;
        _logger = logger;
        _server = server;
        _owned = owned;
        _startedAt = options.TimeProvider.GetTimestamp();
        _watching = Task.Run(WatchAsync);
    }

    public Postmaster Server => _server;

    public bool IsOwner => _owned is not null;

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _watching;
        _end.Dispose();
        using var owned = _owned;
        if (owned is not null)
            await _cluster.StopAsync(CancellationToken.None);
    }

    private async Task WatchAsync()
    {
        try
        {
            using var timer = new PeriodicTimer(WatchInterval, _options.TimeProvider);
            while (await timer.WaitForNextTickAsync(_end.Token))
                await LookAfterServerAsync();
        }
        catch (OperationCanceledException)
        {
            // The end of the supervision.
        }
    }

    private async Task LookAfterServerAsync()
    {
        try
        {
            if (!_server.IsAlive)
                await RecoverAsync();
            else if (IsOwner)
                await ServerLog.BoundAsync(_cluster.Place.LogFile, _options.LogSizeLimit, _end.Token);
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            _logger.LogError(error, "The PostgreSQL server of {Cluster} cannot be looked after; trying again", _cluster.Place.Cluster);
        }
    }

    private async Task RecoverAsync()
    {
        if (Postmaster.Read(_cluster.Place.Cluster) is { IsReady: true } restarted)
        {
            Follow(restarted);
            return;
        }

        _owned ??= OwnerLock.TryTake(_cluster.Place);
        if (!IsOwner)
            return; // Its owner restarts it.

        var time = _options.TimeProvider;
        if (time.GetElapsedTime(_startedAt) > SteadyAfter)
            _attempts = 0;
        _logger.LogWarning(
            "PostgreSQL server {ProcessId} of {Cluster} is gone: starting it again", _server.ProcessId, _cluster.Place.Cluster);
        await Task.Delay(Delay(_attempts++), time, _end.Token);
        var begin = time.GetTimestamp();
        Follow(await _cluster.StartAsync(_end.Token));
        _logger.LogInformation(
            "PostgreSQL runs again as process {ProcessId} after {Seconds:0.0} s",
            _server.ProcessId,
            time.GetElapsedTime(begin).TotalSeconds);
    }

    private void Follow(Postmaster server)
    {
        _server = server;
        _startedAt = _options.TimeProvider.GetTimestamp();
    }

    // None before the first attempt, then a pause that doubles.
    private TimeSpan Delay(int attempts)
    {
        var doubled = FirstDelay.TotalSeconds * Math.Pow(2, attempts - 1);
        return attempts == 0 ? TimeSpan.Zero : TimeSpan.FromSeconds(Math.Min(doubled, _options.LongestRestartDelay.TotalSeconds));
    }
}
