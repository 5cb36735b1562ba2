using RunLedger.Simulator.Faults;
using RunLedger.Simulator.Scenarios;

namespace RunLedger.Simulator;

/// <summary>
/// What a simulated assistants service is like. The same options, the same requests in the same order and the same times
/// from <see cref="Time"/> give the same ids, scenarios, token counts and faults.
/// </summary>
public sealed record SimulatorOptions
{
    /// <summary>Where all randomness starts from.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>
    /// How many times faster than the real service runs proceed: at 50, a run that works for ten seconds takes 0.2 s, and
    /// ten minutes to expiry are twelve seconds. Timestamps in answers are those of the real clock all the same.
    /// </summary>
    public double Speed { get; init; } = 1;

    /// <summary>How long a run may live before it expires, in simulated time. The real service gives ten minutes.</summary>
    public TimeSpan ExpiresAfter { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>The key that requests must send as <c>Authorization: Bearer KEY</c>; none is asked for when null.</summary>
    public string? ApiKey { get; init; }

    /// <summary>The loopback port to listen on; 0 takes any free one.</summary>
    public int Port { get; init; }

    /// <summary>How often each scenario is drawn, relative to the others. At least one weight is above zero.</summary>
    public IReadOnlyDictionary<Scenario, double> Scenarios { get; init; } = ScenarioWeights.Default;

    /// <summary>The faults that requests meet from the start; see <see cref="Simulation.Faults"/> to change them later.</summary>
    public FaultOptions Faults { get; init; } = FaultOptions.None;

    /// <summary>The clock that runs proceed by.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    internal void Validate()
    {
        if (!double.IsFinite(Speed) || Speed <= 0)
        {
            throw new ArgumentException($"Speed is {Speed}; it must be above zero.");
        }

        if (ExpiresAfter <= TimeSpan.Zero)
        {
            throw new ArgumentException($"ExpiresAfter is {ExpiresAfter}; it must be above zero.");
        }

        ScenarioWeights.Validate(Scenarios);
        Faults.Validate();
    }
}
