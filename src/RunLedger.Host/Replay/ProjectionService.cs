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

    private static readonly TimeSpan ShortestPause = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan ProgressPause = TimeSpan.FromSeconds(10);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(RebuildAsync(stoppingToken), VerifyAsync(stoppingToken));

    private async Task RebuildAsync(CancellationToken stopping)
    {
        var pause = ShortestPause;
        while (true)
        {
            try
            {
                if (await DueAsync(stopping) is not { } target)
                {
                    await requests.WaitAsync(stopping);
                    continue;
                }
                await RebuildAsync(target, stopping);
                pause = ShortestPause;
            }
            catch (RebuildUnderWayException)
            {
                await Task.Delay(ShortestPause, clock, stopping); // Another host does it, or somebody by hand.
            }
            catch (Exception failure) when (failure is not OperationCanceledException)
            {
                logger.LogError(failure, "Views were not rebuilt, the live ones stay as they are; trying again in {Pause}.", Tables.Text(pause));
                await Task.Delay(pause, clock, stopping);
                pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
            }
        }
    }

    private async Task<RebuildTarget?> DueAsync(CancellationToken stopping)
    {
        if (requests.TryTake() is { } name) return await ledger.Projections.TargetAsync([name], usage.Dimensions, stopping);
        return options.Automatic ? await ledger.Projections.DueAsync(usage.Dimensions ?? [], stopping) : null;
    }

    private async Task RebuildAsync(RebuildTarget target, CancellationToken stopping)
    {
        var need = Sizes.Text(await ledger.Projections.DiskNeedAsync(target, stopping));
        var (last, told) = (default(RebuildProgress), clock.GetTimestamp());
        await ledger.Projections.RebuildAsync(
            target,
            progress =>
            {
                if (last is null) logger.LogInformation("Rebuilding {Views}; that needs about {Need} of disk until the switch.", target, need);
                last = progress;
                if (clock.GetElapsedTime(told) < ProgressPause) return;
                told = clock.GetTimestamp();
                logger.LogInformation("Rebuilding {Views}: {Progress}", target, RebuildDisplay.Line(progress));
            },
            stopping);
        logger.LogInformation("Rebuilt {Views} from {Events} events in {Elapsed}.", target, last?.Events, Tables.Text(last?.Elapsed ?? default));
    }

    private async Task VerifyAsync(CancellationToken stopping)
    {
        if (options.Verify is not { } pause) return;
        using var timer = new PeriodicTimer(pause, clock);
        do
        {
            try
            {
                await VerifyOnceAsync(stopping);
            }
            catch (Exception failure) when (failure is not OperationCanceledException)
            {
                logger.LogError(failure, "Views could not be verified.");
            }
        }
        while (await timer.WaitForNextTickAsync(stopping));
    }

    private async Task VerifyOnceAsync(CancellationToken stopping)
    {
        var named = 0;
        var verification = await ledger.Projections.VerifyAsync(
            [ViewNames.Runs, ViewNames.Usage],
            difference =>
            {
                if (++named <= MostDifferencesLogged) logger.LogError("Views differ from the events: {Difference}", difference);
            },
            _ => { },
            stopping);
        if (verification.Differences == 0)
            logger.LogInformation("Views are as {Events} events make them; that took {Elapsed} to verify.", verification.Events, Tables.Text(verification.Elapsed));
        else
            logger.LogError("Views have {Differences} differences from {Events} events. See: runledger projections verify", verification.Differences, verification.Events);
    }
}
