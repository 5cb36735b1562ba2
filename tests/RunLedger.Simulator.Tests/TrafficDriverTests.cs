using System.Collections.Concurrent;
using RunLedger.Simulator.Assistants;
using RunLedger.Simulator.Faults;
using RunLedger.Simulator.Scenarios;
using RunLedger.Simulator.Traffic;

namespace RunLedger.Simulator.Tests;

public sealed class TrafficDriverTests
{
    private static readonly SimulatorOptions Fast = new() { Speed = 1000 };

    private static readonly TrafficOptions Eager = new()
    {
        RunsPerSecond = 500,
        PollInterval = TimeSpan.FromMilliseconds(5),
        ToolTime = TimeSpan.FromMilliseconds(1),
        RequestTimeout = TimeSpan.FromSeconds(10),
    };

    [Fact]
    public async Task The_driver_creates_its_runs_on_several_threads_and_follows_each_to_its_end()
    {
        await using var service = await SimulatedAssistants.StartAsync(Fast);
        using var driver = new TrafficDriver(service.BaseAddress, Eager with { Runs = 60 });
        var created = new ConcurrentBag<CreatedRun>();
        var report = await driver.DriveAsync((run, _) =>
        {
            created.Add(run);
            return ValueTask.CompletedTask;
        });

        Assert.Equal(60, report.Ended);
        Assert.Equal(0, report.Retries);
        Assert.Equal(60, created.Select(run => run.RunId).Distinct().Count());
        Assert.True(created.Select(run => run.ThreadId).Distinct().Count() > 8);
        Assert.Equal(
            report.EndedByStatus.OrderBy(ending => ending.Key),
            service.Simulation.CountRunsByStatus().OrderBy(ending => ending.Key));
    }

    [Fact]
    public async Task The_driver_answers_tool_calls_until_the_run_completes()
    {
        await using var service = await SimulatedAssistants.StartAsync(Fast with
        {
            Scenarios = ScenarioWeights.Only(Scenario.TwoToolRounds),
            ExpiresAfter = TimeSpan.FromDays(10),
        });
        var options = Eager with { Runs = 10, CancelShare = 0, AbandonShare = 0, LimitShare = 0 };
        options = options with { AssistantIds = [SimulatedAssistant.Support.Id] };
        using var driver = new TrafficDriver(service.BaseAddress, options);
        var report = await driver.DriveAsync();
        Assert.Equal(10, report.EndedByStatus["completed"]);
    }

    [Fact]
    public async Task The_driver_cancels_and_abandons_the_shares_that_it_is_told_to()
    {
        var hanging = Fast with { Scenarios = ScenarioWeights.Only(Scenario.Expired) };
        var options = Eager with { Runs = 10, LimitShare = 0 };
        await using var cancelling = await SimulatedAssistants.StartAsync(hanging with { ExpiresAfter = TimeSpan.FromDays(10) });
        using (var driver = new TrafficDriver(cancelling.BaseAddress, options with { CancelShare = 1 }))
        {
            Assert.Equal(10, (await driver.DriveAsync()).EndedByStatus["cancelled"]);
        }

        await using var waiting = await SimulatedAssistants.StartAsync(Fast with { Scenarios = ScenarioWeights.Only(Scenario.ToolCalls) });
        options = options with { CancelShare = 0, AbandonShare = 1, AssistantIds = [SimulatedAssistant.Support.Id] };
        using (var driver = new TrafficDriver(waiting.BaseAddress, options))
        {
            Assert.Equal(10, (await driver.DriveAsync()).EndedByStatus["expired"]);
        }
    }

    [Fact]
    public async Task The_driver_survives_every_kind_of_fault()
    {
        await using var service = await SimulatedAssistants.StartAsync(Fast with
        {
            Faults = new FaultOptions
            {
                RateLimited = 0.05,
                ServerError = 0.05,
                Hang = 0.02,
                DroppedRequest = 0.05,
                DroppedResponse = 0.05,
                RetryAfter = TimeSpan.Zero,
            },
        });
        var options = Eager with { Runs = 40, RequestTimeout = TimeSpan.FromMilliseconds(250) };
        using var driver = new TrafficDriver(service.BaseAddress, options);
        var report = await driver.DriveAsync();
        Assert.Equal(40, report.Ended);
        Assert.True(report.Retries > 0);
    }

    [Fact]
    public async Task The_driver_goes_on_until_cancelled_when_no_number_of_runs_is_given()
    {
        await using var service = await SimulatedAssistants.StartAsync(Fast);
        using var driver = new TrafficDriver(service.BaseAddress, Eager);
        using var stop = new CancellationTokenSource();
        var created = 0;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => driver.DriveAsync(
            async (_, _) =>
            {
                if (Interlocked.Increment(ref created) == 20)
                {
                    await stop.CancelAsync();
                }
            },
            stop.Token));
        Assert.True(created >= 20);
    }

    [Fact]
    public async Task The_driver_says_what_the_service_refused()
    {
        await using var service = await SimulatedAssistants.StartAsync(Fast with { ApiKey = "sk-test" });
        using var driver = new TrafficDriver(service.BaseAddress, Eager with { Runs = 1 });
        var refusal = await Assert.ThrowsAsync<HttpRequestException>(() => driver.DriveAsync());
        Assert.Equal(System.Net.HttpStatusCode.Unauthorized, refusal.StatusCode);
    }
}
