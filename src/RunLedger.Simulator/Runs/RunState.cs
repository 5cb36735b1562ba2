using RunLedger.Simulator.Scenarios;

namespace RunLedger.Simulator.Runs;

/// <summary>What a run looks like from one moment until the next change.</summary>
/// <param name="Since">When it came to be so.</param>
/// <param name="Status">The run's status.</param>
internal sealed record RunState(DateTimeOffset Since, RunStatus Status)
{
    /// <summary>When the model last began to work; changes with every turn.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>The calls that wait for outputs: only while action is required.</summary>
    public IReadOnlyList<ToolCall>? Calls { get; init; }

    /// <summary>The tokens of all turns that are over.</summary>
    public TokenUsage Spent { get; init; } = TokenUsage.None;

    /// <summary>Why the run failed.</summary>
    public RunError? Error { get; init; }

    /// <summary>Why the run is incomplete.</summary>
    public string? IncompleteReason { get; init; }
}
