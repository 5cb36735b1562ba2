using System.Text.Json;
using RunLedger.Simulator.Api;

namespace RunLedger.Simulator.Runs;

/// <summary>What a client may do to a run, and when the service refuses it.</summary>
internal static class RunActions
{
    /// <summary>Sets new metadata in the place of the old. Allowed at any time, after the end too.</summary>
    public static SimulatedRun Modify(RunSnapshot run, JsonElement? metadata) =>
        metadata is { } replacement ? run.Run with { Metadata = replacement } : run.Run;

    /// <summary>Answers the tool calls; the run goes back to the queue.</summary>
    /// <exception cref="ApiException">400: no action is required, or not exactly the open calls are answered.</exception>
    public static SimulatedRun SubmitToolOutputs(RunSnapshot run, IReadOnlyCollection<string> answered, DateTimeOffset now)
    {
        if (run.State.Calls is not { } calls)
        {
            throw ApiException.BadRequest($"Runs in status \"{run.State.Status.ApiName()}\" do not accept tool outputs.");
        }

        var expected = calls.Select(call => call.Id).ToHashSet();
        if (answered.Count != expected.Count || !expected.SetEquals(answered))
        {
            throw ApiException.BadRequest($"Expected tool outputs for call_ids {Listed(expected)}, got {Listed(answered)}");
        }

        var timeline = run.Run.Timeline;
        return run.Run with { Timeline = timeline with { SubmittedAt = timeline.SubmittedAt.Add(now) } };
    }

    /// <summary>Asks for cancellation.</summary>
    /// <exception cref="ApiException">400: the run has ended, or is being cancelled already.</exception>
    public static SimulatedRun Cancel(RunSnapshot run, DateTimeOffset now) =>
        run.State.Status.IsTerminal() || run.State.Status == RunStatus.Cancelling
            ? throw ApiException.BadRequest($"Cannot cancel run with status '{run.State.Status.ApiName()}'.")
            : run.Run with { Timeline = run.Run.Timeline with { CancelRequestedAt = now } };

    private static string Listed(IEnumerable<string> ids) => "[" + string.Join(", ", ids.Select(id => $"'{id}'")) + "]";
}
