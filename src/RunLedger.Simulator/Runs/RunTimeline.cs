using System.Collections.Immutable;
using RunLedger.Simulator.Scenarios;

namespace RunLedger.Simulator.Runs;

/// <summary>
/// A run through time: its plan, and what its client did. The state at a moment is computed from these alone, so nothing has to run
/// in the background, and asking twice gives the same answer.
/// </summary>
/// <param name="Plan">The course that was drawn; durations in simulated time.</param>
/// <param name="Speed">Simulated seconds in a second of the clock.</param>
/// <param name="CreatedAt">When the run was created, by the clock.</param>
/// <param name="ExpiresAt">When it expires unless it ends before, by the clock.</param>
internal sealed record RunTimeline(RunPlan Plan, double Speed, DateTimeOffset CreatedAt, DateTimeOffset ExpiresAt)
{
    /// <summary>When the outputs of each round of tool calls were submitted, by the clock.</summary>
    public ImmutableArray<DateTimeOffset> SubmittedAt { get; init; } = [];

    /// <summary>When the client asked for cancellation, by the clock. Always before <see cref="ExpiresAt"/>.</summary>
    public DateTimeOffset? CancelRequestedAt { get; init; }

    /// <summary>The run at a moment. Before its creation it is as it was then.</summary>
    public RunState At(DateTimeOffset time)
    {
        var interruption = CancelRequestedAt ?? ExpiresAt;
        var state = new RunState(CreatedAt, RunStatus.Queued);
        foreach (var next in Course(state))
        {
            // A cancellation under way is no longer interrupted by expiry.
            if (next.Since > time || (next.Since >= interruption && state.Status != RunStatus.Cancelling))
            {
                break;
            }

            state = next;
        }

        var interrupted = time >= interruption && !state.Status.IsTerminal() && state.Status != RunStatus.Cancelling;
        return interrupted ? Interrupted(state, time) : state;
    }

    /// <summary>The states after the first, in order, as they follow when nothing interrupts.</summary>
    private IEnumerable<RunState> Course(RunState state)
    {
        for (var round = 0; round < Plan.Turns.Count; round++)
        {
            var turn = Plan.Turns[round];
            var startedAt = state.Since + Real(turn.Queued);
            yield return state = state with { Since = startedAt, Status = RunStatus.InProgress, StartedAt = startedAt };

            foreach (var ending in EndOf(turn, state))
            {
                yield return state = ending;
            }

            if (state.Status != RunStatus.RequiresAction || round >= SubmittedAt.Length)
            {
                yield break;
            }

            yield return state = state with { Since = SubmittedAt[round], Status = RunStatus.Queued, Calls = null };
        }
    }

    private IEnumerable<RunState> EndOf(Turn turn, RunState state)
    {
        var over = state with { Since = state.Since + Real(turn.Working), Spent = state.Spent + turn.Usage };
        return turn.End switch
        {
            TurnEnd.CallsTools end => [over with { Status = RunStatus.RequiresAction, Calls = end.Calls }],
            TurnEnd.Completes => [over with { Status = RunStatus.Completed }],
            TurnEnd.Fails end => [over with { Status = RunStatus.Failed, Error = end.Error }],
            TurnEnd.RunsOut end => [over with { Status = RunStatus.Incomplete, IncompleteReason = end.Reason }],
            TurnEnd.IsCancelled => [over with { Status = RunStatus.Cancelling }, Cancelled(over)],
            _ => [],
        };
    }

    private RunState Interrupted(RunState state, DateTimeOffset time)
    {
        if (CancelRequestedAt is not { } requestedAt)
        {
            return state with { Since = ExpiresAt, Status = RunStatus.Expired, Calls = null };
        }

        var cancelling = state with { Since = requestedAt, Status = RunStatus.Cancelling, Calls = null };
        var cancelled = Cancelled(cancelling);
        return time < cancelled.Since ? cancelling : cancelled;
    }

    private RunState Cancelled(RunState cancelling) =>
        cancelling with { Since = cancelling.Since + Real(Plan.Cancelling), Status = RunStatus.Cancelled };

    private TimeSpan Real(TimeSpan simulated) => simulated / Speed;
}
