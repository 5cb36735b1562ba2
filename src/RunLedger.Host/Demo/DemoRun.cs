using RunLedger.Domain.Observations;
using RunLedger.Host.Api.Usage;
using RunLedger.Host.CommandLine;
using RunLedger.Host.Engines;
using RunLedger.Host.Polling;
using RunLedger.Postgres.Usage;
using RunLedger.Simulator;
using RunLedger.Simulator.Traffic;

namespace RunLedger.Host.Demo;

/// <summary>
/// A demo from start to end: a client creates runs at a simulated service, the ledger's poller follows them over HTTP, and a table shows what
/// the ledger knows of them.
/// </summary>
internal static class DemoRun
{
    // The ledger is behind the client by some polls, and by what faults cost.
    private static readonly TimeSpan LongestLag = TimeSpan.FromSeconds(60);

    /// <summary>Runs a demo to its end, and prints the usage report.</summary>
    /// <param name="plan">What it does.</param>
    /// <param name="settings">Where its ledger is, and where it listens.</param>
    /// <param name="loggers">Where to log.</param>
    /// <param name="cancellationToken">Ends it, which is a good end too.</param>
    public static async Task<int> RunAsync(DemoPlan plan, Settings settings, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        WebHost.Check(settings.Configuration, settings.Urls);
        if (settings.Connection is null) Terminal.Say($"Starting PostgreSQL in {settings.DataDirectory}.");
        await using var open = await OpenLedger.OpenAsync(settings, loggers, Engine.OfHosts, cancellationToken);
        // Ids follow from the seed, and watches that an earlier demo left are not this one's: each has an upstream of its own.
        var seed = (int)(TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() & int.MaxValue);
        await using var service = await SimulatedAssistants.StartAsync(DemoPlan.Service(seed), cancellationToken);
        Terminal.Say($"A simulated assistants service answers on {service.BaseAddress}.");
        var upstream = $"demo-{seed}";
        await using var host = await WebHost.StartAsync(
            open.Ledger, WithUpstream(settings.Configuration, upstream, service, open.Tenant), settings.Urls, loggers, cancellationToken);
        Terminal.Say($"The dashboard is at {string.Join(" and ", host.Addresses)}.");

        var progress = new DemoProgress(open.Ledger.Runs, open.Tenant, plan);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        if (plan.Limit is { } limit) end.CancelAfter(limit);
        var watches = host.Services.GetRequiredService<Watches>();
        var finished = await DriveAsync(
            plan.Traffic(seed), service, run => watches.AddAsync(open.Tenant, upstream, run.ThreadId, run.RunId, end.Token), progress, end.Token);

        await ReportAsync(open, progress);
        if (finished || end.IsCancellationRequested) return ExitCodes.Done;
        throw new ProblemException(
            $"Only {progress.Finished} of {progress.Created} runs were finished in the ledger {LongestLag.TotalSeconds:0} seconds after the last was over.");
    }

    // The settings' own upstreams are none of the demo's business.
    private static IConfiguration WithUpstream(IConfiguration settings, string name, SimulatedAssistants service, TenantId tenant) => new ConfigurationBuilder()
        .AddInMemoryCollection(settings.AsEnumerable().Where(setting => !setting.Key.StartsWith("Upstreams", StringComparison.OrdinalIgnoreCase)))
        .AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Upstreams:0:name"] = name,
            ["Upstreams:0:base_url"] = service.BaseAddress.ToString(),
            ["Upstreams:0:tenant"] = tenant.Value,
            ["Upstreams:0:poll_interval"] = DemoPlan.PollInterval.ToString(),
            ["Upstreams:0:max_concurrency"] = "64",
        })
        .Build();

    /// <returns>Whether all runs are finished in the ledger.</returns>
    private static async Task<bool> DriveAsync(
        TrafficOptions traffic, SimulatedAssistants service, Func<CreatedRun, Task> watch, DemoProgress progress, CancellationToken end)
    {
        using var driver = new TrafficDriver(service.BaseAddress, traffic);
        var driving = driver.DriveAsync(
            async (run, _) =>
            {
                await watch(run);
                progress.Add(run.RunId);
            },
            end);
        using var lag = CancellationTokenSource.CreateLinkedTokenSource(end);
        var followed = driving.ContinueWith(_ => lag.CancelAfter(LongestLag), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        try
        {
            await progress.ShowAsync(() => driving.IsCompleted && (driving.IsFaulted || progress.Finished >= progress.Created), lag.Token);
            await driving;
            return true;
        }
        catch (OperationCanceledException) when (lag.IsCancellationRequested)
        {
            return false;
        }
        finally
        {
            await followed;
        }
    }

    private static async Task ReportAsync(OpenLedger open, DemoProgress progress)
    {
        Terminal.Say($"{progress.Finished} of {progress.Created} runs are finished. The ledger's report of all its runs:");
        UsageColumn[] columns = [new("model", UsageDimension.Model, null)];
        var rows = await open.Ledger.Usage.ReportAsync(open.Tenant, new UsageQuery { GroupBy = [UsageDimension.Model] }, CancellationToken.None);
        Terminal.Print(UsageTable.Of(columns, rows));
        var place = open.Settings.Connection is null ? $"--data {open.Settings.DataDirectory}" : "--connection …";
        Terminal.Say($"Look around in it: ./runledger runs {place}; history RUN; show RUN; usage --by assistant,day.");
    }
}
