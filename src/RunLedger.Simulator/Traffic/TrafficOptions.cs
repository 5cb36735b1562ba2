using RunLedger.Simulator.Assistants;

namespace RunLedger.Simulator.Traffic;

/// <summary>What a simulated client does. Shares are from 0 to 1.</summary>
public sealed record TrafficOptions
{
    /// <summary>Where all randomness starts from.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>How many runs to create; null goes on until cancelled.</summary>
    public int? Runs { get; init; }

    /// <summary>How many runs to create a second, at most.</summary>
    public double RunsPerSecond { get; init; } = 5;

    /// <summary>How many runs may be under way at once; more are not created until some end.</summary>
    public int RunsAtOnce { get; init; } = 64;

    /// <summary>How many threads the runs are spread over.</summary>
    public int Threads { get; init; } = 8;

    /// <summary>The share of runs that are created together with a thread of their own.</summary>
    public double OwnThreadShare { get; init; } = 0.1;

    /// <summary>The share of runs that the client cancels.</summary>
    public double CancelShare { get; init; } = 0.05;

    /// <summary>The share of runs whose metadata the client modifies.</summary>
    public double ModifyShare { get; init; } = 0.2;

    /// <summary>The share of runs whose tool calls are never answered, so that they expire.</summary>
    public double AbandonShare { get; init; } = 0.02;

    /// <summary>The share of runs that set limits for their tokens.</summary>
    public double LimitShare { get; init; } = 0.1;

    /// <summary>Who the runs are for: the values of the metadata key <c>team</c>.</summary>
    public IReadOnlyList<string> Teams { get; init; } = ["support", "sales", "research", "operations"];

    /// <summary>Whom the runs are about: the values of the metadata key <c>customer</c>.</summary>
    public IReadOnlyList<string> Customers { get; init; } = ["acme", "globex", "initech", "umbrella", "hooli", "stark"];

    /// <summary>The assistants that runs are created with.</summary>
    public IReadOnlyList<string> AssistantIds { get; init; } = [.. SimulatedAssistant.All.Select(assistant => assistant.Id)];

    /// <summary>The key sent with every request, if any.</summary>
    public string? ApiKey { get; init; }

    /// <summary>How often each run is looked at.</summary>
    public TimeSpan PollInterval { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>How long the client's tools take: the time for which a run requires action.</summary>
    public TimeSpan ToolTime { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>How long to wait for an answer before a request counts as lost.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How often a request is made before its failure is the driver's own.</summary>
    public int Attempts { get; init; } = 20;

    /// <summary>The longest wait between two attempts, whatever a <c>Retry-After</c> asks for.</summary>
    public TimeSpan LongestRetryDelay { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>The clock that rates, intervals and timeouts are measured by.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    internal void Validate()
    {
        if (!(RunsPerSecond > 0) || RunsAtOnce < 1 || Attempts < 1 || Threads < 0 || Runs < 0)
        {
            throw new ArgumentException("RunsPerSecond, RunsAtOnce and Attempts must be above zero, Threads and Runs not below.");
        }

        if (Teams.Count == 0 || Customers.Count == 0 || AssistantIds.Count == 0)
        {
            throw new ArgumentException("Teams, Customers and AssistantIds must not be empty.");
        }
    }
}
