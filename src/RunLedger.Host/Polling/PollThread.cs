using System.Globalization;
using RunLedger.Domain.Json;
using RunLedger.Domain.Observations;
using RunLedger.Domain.Runs;
using RunLedger.Postgres;
using RunLedger.Postgres.Polling;
using RunLedger.Postgres.Recording;

namespace RunLedger.Host.Polling;

/// <summary>The message that a thread is to be looked through once for runs that are not known yet.</summary>
/// <inheritdoc cref="Poll(Watch, string, DateTimeOffset)"/>
public sealed record PollThread(Watch Watch, string Turn, DateTimeOffset DueAt) : Poll(Watch, Turn, DueAt);

/// <summary>
/// Looks once for runs of a thread that are not known yet: lists its runs, newest first, down to the newest one of the last time, records them
/// all, and watches those that have not ended.
/// </summary>
public static class PollThreadHandler
{
    // The most that the API gives at once, for the first look; what is new since is seldom more than the API's usual page.
    private const int FirstPage = 100;
    private const int LaterPage = 20;

    /// <summary>Looks through the thread. What a page shows is recorded before the next is asked for.</summary>
    /// <param name="poll">The thread.</param>
    /// <param name="ledger">Records the runs as they are listed.</param>
    /// <param name="watches">Where the runs are watched from now on.</param>
    /// <param name="turns">Whose turn it is.</param>
    /// <param name="cancellationToken">Gives up; the next time begins where this one did.</param>
    /// <exception cref="Npgsql.NpgsqlException">The ledger's database cannot be reached.</exception>
    public static async Task HandleAsync(
        PollThread poll, Ledger ledger, Watches watches, IPollTurns turns, CancellationToken cancellationToken)
    {
        using var place = await turns.BeginAsync(poll, cancellationToken);
        if (place?.Upstream is not { } upstream) return;
        var (newest, after, hasNews) = ((string?)null, (string?)null, false);
        PollResult? result = null;
        while (result is null)
        {
            var answer = await upstream.AskAsync(PathOf(poll.Watch, after), cancellationToken);
            if (answer is not UpstreamAnswer.Success success)
            {
                result = PollResult.OfRefusal(answer, poll.Watch, upstream.Pace);
            }
            else if (ListedRuns.Read(success.Body, poll.Watch) is not { } page)
            {
                var defect = new Defect("data", "is missing: the answer is no list of runs");
                result = (await Rejection.KeepAsync(
                    poll.Watch, success.Body, success.ReceivedAt, defect, upstream.Pace, ledger, cancellationToken)).Result;
            }
            else
            {
                hasNews |= await RecordAsync(poll.Watch, page, success.ReceivedAt, ledger, cancellationToken);
                hasNews |= await watches.FollowAsync(NotEnded(poll.Watch, page), cancellationToken) > 0;
                newest ??= page.FirstId;
                // A page that does not lead further would be asked for for ever.
                if (page.IsLast || page.LastId is null || page.LastId == after)
                    result = hasNews ? upstream.Pace.Changed(listedTo: newest) : upstream.Pace.Unchanged(poll.Watch, listedTo: newest);
                else
                    await turns.HoldAsync(poll, cancellationToken);
                after = page.LastId;
            }
        }
        await turns.EndAsync(poll, result, cancellationToken);
    }

    private static string PathOf(Watch watch, string? after)
    {
        var limit = (watch.ListedTo is null ? FirstPage : LaterPage).ToString(CultureInfo.InvariantCulture);
        var path = $"threads/{Uri.EscapeDataString(watch.Key.ThreadId)}/runs?limit={limit}&order=desc";
        return after is null ? path : $"{path}&after={Uri.EscapeDataString(after)}";
    }

    private static async Task<bool> RecordAsync(
        Watch watch, ListedRuns page, DateTimeOffset receivedAt, Ledger ledger, CancellationToken cancellationToken)
    {
        var submissions = page.Runs.Select(run => SubmissionOf(watch, run, receivedAt)).ToList();
        var receipts = await ledger.Recorder.RecordAsync(submissions, cancellationToken);
        return receipts.Any(receipt => receipt.Outcome == Outcome.Recorded);
    }

    private static Submission SubmissionOf(Watch watch, JsonText run, DateTimeOffset receivedAt)
    {
        // A copy, because snapshots are kept for a while, and the page would be with them.
        ReadOnlyMemory<byte> text = run.Utf8.ToArray();
        var read = Snapshot.Read(text);
        return read.Value is { } snapshot
            ? new Submission.Observed(
                watch.Key.Tenant, new Observation(snapshot, receivedAt.ToMicroseconds(), TimeBasis.Stated, RecordObservationsHandler.Source), watch.Key.ToString())
            : new Submission.Rejected(Rejection.Item(watch, text, receivedAt, read.Defect!));
    }

    private static List<WatchKey> NotEnded(Watch watch, ListedRuns page) =>
    [
        .. from run in page.Runs
           let id = run.Property("id"u8)?.AsString()
           where PollingRules.IsId(id) && !RunStatuses.IsTerminal(run.Property("status"u8)?.AsString())
           select watch.Key with { RunId = id },
    ];
}
