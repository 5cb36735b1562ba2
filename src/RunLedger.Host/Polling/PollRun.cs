using RunLedger.Domain.Observations;
using RunLedger.Domain.Runs;
using RunLedger.Postgres.Polling;
using RunLedger.Postgres.Recording;

namespace RunLedger.Host.Polling;

/// <summary>Asks once how a run is, records the answer, and says when to ask next.</summary>
public static class PollRun
{
    /// <summary>The source of observations that were polled.</summary>
    internal const string Source = "poll";

    /// <summary>Polls.</summary>
    /// <param name="watch">The run's watch.</param>
    /// <param name="client">The upstream that has the run.</param>
    /// <param name="pace">When to poll next.</param>
    /// <param name="recorder">Records what is seen; the result is given only once that is committed.</param>
    /// <param name="cancellationToken">Gives up; what has been handed to the recorder is recorded all the same.</param>
    /// <exception cref="Npgsql.NpgsqlException">The ledger's database cannot be reached.</exception>
    public static async Task<PollResult> RunAsync(
        Watch watch, UpstreamClient client, Pace pace, IPollRecorder recorder, CancellationToken cancellationToken)
    {
        var (_, _, thread, run) = watch.Key;
        var answer = await client.GetAsync($"threads/{Uri.EscapeDataString(thread)}/runs/{Uri.EscapeDataString(run)}", cancellationToken);
        if (answer is not UpstreamAnswer.Success success) return PollResult.OfRefusal(answer, watch, pace);

        var read = Snapshot.Read(success.Body);
        var defect = read.Defect ?? OfAnotherRun(read.Value!, run);
        if (defect is not null) return await RejectAsync(watch, success, defect, pace, recorder, cancellationToken);

        var snapshot = read.Value!;
        var observation = new Observation(snapshot, success.ReceivedAt.ToMicroseconds(), TimeBasis.Stated, Source);
        var receipts = await recorder.RecordAsync([new Submission.Observed(watch.Key.Tenant, observation, watch.Key.ToString())], cancellationToken);
        return Next(watch, snapshot, receipts[0], pace);
    }

    private static PollResult Next(Watch watch, Snapshot snapshot, Receipt receipt, Pace pace)
    {
        var status = snapshot.Status;
        if (RunStatuses.IsTerminal(status)) return PollResult.Ended;
        var requiresAction = status == "requires_action";
        return receipt.Outcome switch
        {
            Outcome.Recorded => pace.Changed(requiresAction),
            Outcome.Quarantined => pace.Failed(watch, PollOutcome.Unreadable, receipt.Error?.ToString() ?? "is in quarantine"),
            _ => pace.Unchanged(watch, requiresAction),
        };
    }

    private static Defect? OfAnotherRun(Snapshot snapshot, string run) =>
        snapshot.Id.Value == run ? null : new Defect("id", $"is {snapshot.Id}, but {run} was asked for");

    // An end with a defect does not change any more: it waits in quarantine for a fix, not here.
    private static async Task<PollResult> RejectAsync(
        Watch watch, UpstreamAnswer.Success answer, Defect defect, Pace pace, IPollRecorder recorder, CancellationToken cancellationToken)
    {
        var (rejected, body) = await Rejection.KeepAsync(watch, answer, defect, pace, recorder, cancellationToken);
        var isOfThisRun = body?.Property("id"u8)?.AsString() == watch.Key.RunId;
        return isOfThisRun && RunStatuses.IsTerminal(body?.Property("status"u8)?.AsString()) ? PollResult.Ended : rejected;
    }
}
