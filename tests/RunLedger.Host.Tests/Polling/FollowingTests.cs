using System.Collections.Concurrent;
using RunLedger.Domain.Observations;
using RunLedger.Postgres;
using RunLedger.Postgres.Runs;
using RunLedger.Simulator;
using RunLedger.Simulator.Faults;
using RunLedger.Simulator.Scenarios;
using RunLedger.Simulator.Traffic;

namespace RunLedger.Host.Tests.Polling;

[Collection(TestDatabase.Collection)]
public sealed class FollowingTests(TestDatabase databases)
{
    private static readonly SimulatorOptions Fast = new()
    {
        Speed = 100,
        ExpiresAfter = TimeSpan.FromMinutes(3),
        Scenarios = Enum.GetValues<Scenario>().ToDictionary(scenario => scenario, _ => 1.0),
    };

    // Nobody modifies a run here: one may do so after its end, when it is not polled any more.
    private static readonly TrafficOptions Busy = new()
    {
        RunsPerSecond = 200,
        RunsAtOnce = 1_000,
        PollInterval = TimeSpan.FromMilliseconds(100),
        ToolTime = TimeSpan.FromMilliseconds(50),
        ModifyShare = 0,
        RequestTimeout = TimeSpan.FromSeconds(10),
    };

    [Fact]
    public async Task Runs_of_every_scenario_are_followed_to_their_end()
    {
        await using var service = await SimulatedAssistants.StartAsync(Fast);
        await using var poller = await Poller.StartAsync(await databases.CreateAsync(), service.BaseAddress);
        var runs = await DriveAsync(service, Busy with { Runs = 150 }, poller);

        await Eventually.HoldsAsync("all are ended", poller.IsDoneAsync);
        await KnowsAsync(poller.Ledger, service, runs);
        Assert.DoesNotContain(poller.Log, line => line.StartsWith("Error", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Runs_are_followed_to_their_end_through_every_kind_of_fault()
    {
        await using var service = await SimulatedAssistants.StartAsync(Fast with
        {
            Faults = new FaultOptions { RateLimited = 0.03, ServerError = 0.1, Hang = 0.03, DroppedRequest = 0.05, DroppedResponse = 0.05 },
        });
        var timeout = ("Upstreams:0:request_timeout", "00:00:00.500");
        await using var poller = await Poller.StartAsync(await databases.CreateAsync(), service.BaseAddress, timeout);
        var runs = await DriveAsync(service, Busy with { Runs = 60, RequestTimeout = TimeSpan.FromMilliseconds(500) }, poller);

        await Eventually.HoldsAsync("all are ended", poller.IsDoneAsync);
        service.Simulation.Faults = FaultOptions.None;
        await KnowsAsync(poller.Ledger, service, runs);
    }

    [Fact]
    public async Task A_host_that_is_killed_in_the_middle_loses_no_run()
    {
        await using var service = await SimulatedAssistants.StartAsync(Fast with { Speed = 20, ExpiresAfter = TimeSpan.FromMinutes(2) });
        var database = await databases.CreateAsync();
        await using var first = await Poller.StartAsync(database, service.BaseAddress);
        var driving = DriveAsync(service, Busy with { Runs = 500, RunsPerSecond = 400, PollInterval = TimeSpan.FromMilliseconds(300) }, first);
        await Eventually.HoldsAsync("some are ended, most are not", async () => await EndedAsync(first.Ledger) > 100);
        first.Kill();

        await using var second = await Poller.StartAsync(database, service.BaseAddress);
        var runs = await driving;
        await Eventually.HoldsAsync("all are ended", second.IsDoneAsync);
        Assert.Equal(500, await EndedAsync(second.Ledger));
        await KnowsAsync(second.Ledger, service, runs);
    }

    private static async Task<IReadOnlyCollection<CreatedRun>> DriveAsync(SimulatedAssistants service, TrafficOptions options, Poller poller)
    {
        var runs = new ConcurrentBag<CreatedRun>();
        using var driver = new TrafficDriver(service.BaseAddress, options);
        await driver.DriveAsync(async (run, _) =>
        {
            runs.Add(run);
            await poller.WatchAsync(run.ThreadId, run.RunId);
        });
        return runs;
    }

    /// <summary>The ledger holds each run exactly as the service shows it.</summary>
    private static async Task KnowsAsync(Ledger ledger, SimulatedAssistants service, IReadOnlyCollection<CreatedRun> runs)
    {
        using var http = new HttpClient();
        foreach (var run in runs)
        {
            var shown = await http.GetByteArrayAsync($"{service.BaseAddress}/threads/{run.ThreadId}/runs/{run.RunId}");
            var known = await ledger.Runs.CurrentAsync(TenantId.Default, new RunId(run.RunId), CancellationToken.None);
            Assert.True(known is not null, $"{run.RunId} is not in the ledger.");
            Assert.True(
                Snapshot.Read(shown).Value!.Digest == Snapshot.Read(known.Value.Utf8).Value!.Digest,
                $"The ledger has {known}, the service {System.Text.Encoding.UTF8.GetString(shown)}");
        }
    }

    private static async Task<int> EndedAsync(Ledger ledger)
    {
        var page = await ledger.Runs.ListAsync(TenantId.Default, new RunFilter(), 1_000, null, CancellationToken.None);
        return page.Runs.Count(run => run.EndedAt is not null);
    }
}
