using RunLedger.Host.CommandLine;
using RunLedger.Host.CommandLine.Replay;
using RunLedger.Postgres;
using RunLedger.Postgres.Replay;

namespace RunLedger.Host.Replay;

/// <summary>
/// Keeps the views as this program and its settings make them: rebuilds in the background what has changed, what was interrupted and what is asked for, while
/// the live views serve; and compares them with the events from time to time.
/// </summary>
internal sealed class ProjectionService(
    Ledger ledger, UsageOptions usage, ProjectionOptions options, RebuildRequests requests, TimeProvider clock, ILogger<ProjectionService> logger) : BackgroundService
{
    private const int MostDifferencesLogged = 20;

    private static readonly TimeSpan ShortestWait = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ShortestPause = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan ProgressPause = TimeSpan.FromSeconds(10);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(RebuildAsync(stoppingToken), VerifyAsync(stoppingToken));

    private async Task RebuildAsync(CancellationToken stopping)
    {
        var pause = ShortestPause;
        string? asked = null;
        var again = new List<string>(); // What was asked for is kept until it is done: whoever asked was told that it will be.
        while (true)
        {
            try
            {
                asked = requests.TryTake() ?? again.FirstOrDefault();
                again.RemoveAll(view => view == asked);
                if (await DueAsync(asked, stopping) is not { } target)
                {
                    await requests.WaitAsync(Timeout.InfiniteTimeSpan, clock, stopping);
                    continue;
                }
                await RebuildAsync(target, stopping);
                pause = ShortestPause;
            }
            catch (RebuildUnderWayException)
            {
                if (asked is not null) again.Add(asked);
                if (asked is not null) logger.LogInformation("Another rebuild is under way; {View} is rebuilt after it.", asked);
                await requests.WaitAsync(ShortestPause, clock, stopping); // Another host does it, or somebody by hand.
            }
            catch (Exception failure) when (failure is not OperationCanceledException)
            {
                logger.LogError(failure, "Views were not rebuilt, the live ones stay as they are; trying again in {Pause}.", Tables.Text(pause));
                if (asked is not null) again.Add(asked);
                await requests.WaitAsync(pause, clock, stopping); // What is asked for meanwhile may go well.
                pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
            }
        }
    }

    private async Task<RebuildTarget?> DueAsync(string? asked, CancellationToken stopping)
    {
        if (asked is not null) return await ledger.Projections.TargetAsync([asked], usage.Dimensions, stopping);
        return options.Automatic ? await ledger.Projections.DueAsync(usage.Dimensions ?? [], stopping) : null;
    }

    private async Task RebuildAsync(RebuildTarget target, CancellationToken stopping)
    {
        var need = await ledger.Projections.DiskNeedAsync(target, stopping);
        if (need.IsShort) throw new IOException(DiskText.Of(target, need));
        var (last, told) = (default(RebuildProgress), clock.GetTimestamp());
        await ledger.Projections.RebuildAsync(
            target,
            progress =>
            {
                if (last is null) logger.LogInformation("{Need}", DiskText.Of(target, need));
                last = progress;
                if (clock.GetElapsedTime(told) < ProgressPause) return;
                told = clock.GetTimestamp();
                logger.LogInformation("Rebuilding {Views}: {Progress}", target, RebuildDisplay.Line(progress));
            },
            stopping);
        logger.LogInformation("Rebuilt {Views} from {Events} events in {Elapsed}.", target, last?.Events, Tables.Text(last?.Elapsed ?? default));
    }

    // Hosts that ask for it at once do not find each other at it for long: who comes second hears when it is time again.
    private async Task VerifyAsync(CancellationToken stopping)
    {
        if (options.Verify is not { } interval) return;
        while (true)
        {
            var wait = interval < LongestPause ? interval : LongestPause;
            try
            {
                wait = await VerifyInTurnAsync(interval, stopping);
            }
            catch (Exception failure) when (failure is not OperationCanceledException)
            {
                logger.LogError(failure, "Views could not be verified.");
            }
            await Task.Delay(wait, clock, stopping);
        }
    }

    private async Task<TimeSpan> VerifyInTurnAsync(TimeSpan interval, CancellationToken stopping)
    {
        var named = 0;
        var (made, wait) = await ledger.Projections.VerifyInTurnAsync(
            interval,
            difference =>
            {
                if (++named <= MostDifferencesLogged) logger.LogError("Views differ from the events: {Difference}", difference);
            },
            stopping);
        if (made is { Differences: 0 })
            logger.LogInformation("Views are as {Events} events make them; that took {Elapsed} to verify.", made.Events, Tables.Text(made.Elapsed));
        else if (made is not null)
            logger.LogError("Views have {Differences} differences from {Events} events. See: runledger projections verify", made.Differences, made.Events);
        return wait > ShortestWait ? wait : ShortestWait;
    }
}
