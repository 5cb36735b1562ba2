using RunLedger.Simulator;
using RunLedger.Simulator.Faults;
using RunLedger.Simulator.Scenarios;
using RunLedger.Simulator.Traffic;

namespace RunLedger.Host.Demo;

/// <summary>What a demo does: how long it goes on, and how fast everything is.</summary>
/// <param name="Runs">How many runs it creates and waits for; null for no end.</param>
/// <param name="Limit">How long it goes on at most; null for no end.</param>
internal sealed record DemoPlan(int? Runs, TimeSpan? Limit)
{
    // Ten times as fast as the real service: work takes seconds, and what expires does so after ten.
    private const double Speed = 10;
    private static readonly TimeSpan ExpiresAfter = TimeSpan.FromSeconds(100);

    /// <summary>How often each run is polled while it moves.</summary>
    public static TimeSpan PollInterval { get; } = TimeSpan.FromMilliseconds(150);

    /// <summary>The service that is simulated. A fault now and then shows that nothing is lost by it.</summary>
    /// <param name="seed">Where all randomness starts from. Ids follow from it, so that no two demos should share one.</param>
    public static SimulatorOptions Service(int seed) => new()
    {
        Seed = seed,
        Speed = Speed,
        ExpiresAfter = ExpiresAfter,
        Scenarios = new Dictionary<Scenario, double>(ScenarioWeights.Default) { [Scenario.Expired] = 5, [Scenario.Cancelled] = 6 },
        Faults = new FaultOptions { RateLimited = 0.005, ServerError = 0.01, DroppedRequest = 0.005 },
    };

    /// <summary>The client that uses it.</summary>
    /// <param name="seed">Where all randomness starts from.</param>
    public TrafficOptions Traffic(int seed) => new()
    {
        Seed = seed,
        Runs = Runs,
        RunsPerSecond = Math.Clamp((Runs ?? 0) / 15.0, 3, 30),
        RunsAtOnce = 200,
        AbandonShare = 0.03,
        LongestRetryDelay = TimeSpan.FromSeconds(1),
    };
}
