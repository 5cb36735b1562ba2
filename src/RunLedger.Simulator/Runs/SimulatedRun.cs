using System.Text.Json;

namespace RunLedger.Simulator.Runs;

/// <summary>A run. Never changes: what its client does gives a new one in its place.</summary>
/// <param name="Id">The id, <c>run_…</c>.</param>
/// <param name="ThreadId">The thread that it works on.</param>
/// <param name="Configuration">What it was created with.</param>
/// <param name="Metadata">The metadata as last set: a JSON object of strings.</param>
/// <param name="Timeline">Its course.</param>
internal sealed record SimulatedRun(
    string Id, string ThreadId, RunConfiguration Configuration, JsonElement Metadata, RunTimeline Timeline);

/// <summary>A run as it is at one moment.</summary>
internal sealed record RunSnapshot(SimulatedRun Run, RunState State);

/// <summary>A thread and the ids of its runs, oldest first.</summary>
internal sealed record SimulatedThread(string Id, DateTimeOffset CreatedAt, JsonElement Metadata, JsonElement ToolResources)
{
    public List<string> RunIds { get; } = [];
}
