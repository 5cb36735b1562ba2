using Npgsql;

namespace RunLedger.Host.Polling.Queue;

/// <summary>
/// Hands watches to Wolverine that it has no poll of: those that were just added, here or by another host; those of a ledger that was polled by a
/// host without Wolverine; and those whose message was lost or has waited for too long.
/// </summary>
public sealed class WatchFeeder(MessageTurns turns, Watches watches, ILogger<WatchFeeder> logger) : BackgroundService
{
    private const int AtOnce = 500;

    // Watches that other processes add are found by looking.
    private static readonly TimeSpan LongestRest = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan ShortestRest = TimeSpan.FromMilliseconds(40);

    private static readonly TimeSpan RestWithoutDatabase = TimeSpan.FromSeconds(1);

    private bool _hasAddedThreads;
    private bool _isReachable = true;

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (true) await watches.Poller.WaitAsync(await FeedAsync(stoppingToken), stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            logger.LogDebug("No more watches are handed out; what is scheduled stays so.");
        }
    }

    private async Task<TimeSpan> FeedAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (!_hasAddedThreads) await watches.AddConfiguredThreadsAsync(cancellationToken);
            _hasAddedThreads = true;
            var due = await turns.FeedAsync(AtOnce, cancellationToken);
            if (!_isReachable) logger.LogInformation("The database can be reached again; polling goes on.");
            _isReachable = true;
            return due.NextDue is not { } next || next > LongestRest ? LongestRest : next < ShortestRest ? ShortestRest : next;
        }
        catch (NpgsqlException lost)
        {
            if (_isReachable) logger.LogWarning("The database cannot be reached; nothing is polled meanwhile: {Reason}", lost.Message);
            _isReachable = false;
            return RestWithoutDatabase;
        }
    }
}
