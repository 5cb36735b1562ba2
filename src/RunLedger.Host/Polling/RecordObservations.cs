using RunLedger.Domain.Observations;
using RunLedger.Domain.Runs;
using RunLedger.Postgres;
using RunLedger.Postgres.Polling;
using RunLedger.Postgres.Recording;

namespace RunLedger.Host.Polling;

/// <summary>The message that a poll was answered, and the answer is to be recorded.</summary>
/// <param name="Poll">The poll.</param>
/// <param name="Answer">The exact bytes of the answer.</param>
/// <param name="ReceivedAt">When it arrived. UTC.</param>
public sealed record RecordObservations(PollRun Poll, ReadOnlyMemory<byte> Answer, DateTimeOffset ReceivedAt);

/// <summary>Records what a poll saw.</summary>
public static class RecordObservationsHandler
{
    /// <summary>The source of observations that were polled.</summary>
    internal const string Source = "poll";

    /// <summary>Records, and ends the poll. Done twice it records once.</summary>
    /// <param name="seen">What was seen.</param>
    /// <param name="ledger">Records; the poll is ended only once that is committed.</param>
    /// <param name="upstreams">What knows when to ask next.</param>
    /// <param name="turns">Whose turn it is.</param>
    /// <param name="cancellationToken">Gives up; what has been handed to the recorder is recorded all the same.</param>
    /// <exception cref="Npgsql.NpgsqlException">The ledger's database cannot be reached.</exception>
    public static async Task HandleAsync(
        RecordObservations seen, Ledger ledger, Upstreams upstreams, IPollTurns turns, CancellationToken cancellationToken)
    {
        var watch = seen.Poll.Watch;
        var pace = upstreams.PaceOf(watch.Key);
        var read = Snapshot.Read(seen.Answer);
        var defect = read.Defect ?? OfAnotherRun(read.Value!, watch.Key.RunId);
        var result = defect is null
            ? await RecordAsync(seen, read.Value!, pace, ledger, cancellationToken)
            : await RejectAsync(seen, defect, pace, ledger, cancellationToken);
        await turns.EndAsync(seen.Poll, result, cancellationToken);
    }

    private static async Task<PollResult> RecordAsync(
        RecordObservations seen, Snapshot snapshot, Pace pace, Ledger ledger, CancellationToken cancellationToken)
    {
        var watch = seen.Poll.Watch;
        var observation = new Observation(snapshot, seen.ReceivedAt.ToMicroseconds(), TimeBasis.Stated, Source);
        var receipts = await ledger.Recorder.RecordAsync([new Submission.Observed(watch.Key.Tenant, observation, watch.Key.ToString())], cancellationToken);
        if (RunStatuses.IsTerminal(snapshot.Status)) return PollResult.Ended;
        var requiresAction = snapshot.Status == "requires_action";
        return receipts[0].Outcome switch
        {
            Outcome.Recorded => pace.Changed(requiresAction),
            Outcome.Quarantined => pace.Failed(watch, PollOutcome.Unreadable, receipts[0].Error?.ToString() ?? "is in quarantine"),
            _ => pace.Unchanged(watch, requiresAction),
        };
    }

    private static Defect? OfAnotherRun(Snapshot snapshot, string run) =>
        snapshot.Id.Value == run ? null : new Defect("id", $"is {snapshot.Id}, but {run} was asked for");

    // An end with a defect does not change any more: it waits in quarantine for a fix, not here.
    private static async Task<PollResult> RejectAsync(
        RecordObservations seen, Defect defect, Pace pace, Ledger ledger, CancellationToken cancellationToken)
    {
        var watch = seen.Poll.Watch;
        var (rejected, body) = await Rejection.KeepAsync(watch, seen.Answer, seen.ReceivedAt, defect, pace, ledger, cancellationToken);
        var isOfThisRun = body?.Property("id"u8)?.AsString() == watch.Key.RunId;
        return isOfThisRun && RunStatuses.IsTerminal(body?.Property("status"u8)?.AsString()) ? PollResult.Ended : rejected;
    }
}
