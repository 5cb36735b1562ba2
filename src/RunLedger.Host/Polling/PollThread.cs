using System.Globalization;
using RunLedger.Domain.Json;
using RunLedger.Domain.Observations;
using RunLedger.Domain.Runs;
using RunLedger.Postgres.Polling;
using RunLedger.Postgres.Recording;

namespace RunLedger.Host.Polling;

/// <summary>
/// Looks once for runs of a thread that are not known yet: lists its runs, newest first, down to the newest one of the last time, records them
/// all, and watches those that have not ended.
/// </summary>
public static class PollThread
{
    // The most that the API gives at once, for the first look; what is new since is seldom more than the API's usual page.
    private const int FirstPage = 100;
    private const int LaterPage = 20;

    /// <summary>Polls.</summary>
    /// <param name="watch">The thread's watch.</param>
    /// <param name="client">The upstream that has the thread.</param>
    /// <param name="pace">When to poll next.</param>
    /// <param name="recorder">Records the runs as they are listed.</param>
    /// <param name="store">Where the runs are watched from now on.</param>
    /// <param name="cancellationToken">Gives up; the next time begins where this one did.</param>
    /// <exception cref="Npgsql.NpgsqlException">The ledger's database cannot be reached.</exception>
    public static async Task<PollResult> RunAsync(
        Watch watch, UpstreamClient client, Pace pace, IPollRecorder recorder, WatchStore store, CancellationToken cancellationToken)
    {
        var (newest, after, hasNews) = ((string?)null, (string?)null, false);
        while (true)
        {
            var answer = await client.GetAsync(PathOf(watch, after), cancellationToken);
            if (answer is not UpstreamAnswer.Success success) return PollResult.OfRefusal(answer, watch, pace);
            if (ListedRuns.Read(success.Body, watch.ListedTo) is not { } page)
            {
                var defect = new Defect("data", "is missing: the answer is no list of runs");
                return (await Rejection.KeepAsync(watch, success, defect, pace, recorder, cancellationToken)).Result;
            }

            hasNews |= await RecordAsync(watch, page, success.ReceivedAt, recorder, cancellationToken);
            hasNews |= await store.AddAsync(NotEnded(watch, page), cancellationToken) > 0;
            newest ??= page.FirstId;
            // A page that does not lead further would be asked for for ever.
            if (page.IsLast || page.LastId is null || page.LastId == after)
                return hasNews ? pace.Changed(listedTo: newest) : pace.Unchanged(watch, listedTo: newest);
            after = page.LastId;
        }
    }

    private static string PathOf(Watch watch, string? after)
    {
        var limit = (watch.ListedTo is null ? FirstPage : LaterPage).ToString(CultureInfo.InvariantCulture);
        var path = $"threads/{Uri.EscapeDataString(watch.Key.ThreadId)}/runs?limit={limit}&order=desc";
        return after is null ? path : $"{path}&after={Uri.EscapeDataString(after)}";
    }

    private static async Task<bool> RecordAsync(
        Watch watch, ListedRuns page, DateTimeOffset receivedAt, IPollRecorder recorder, CancellationToken cancellationToken)
    {
        var submissions = page.Runs.Select(run => SubmissionOf(watch, run, receivedAt)).ToList();
        var receipts = await recorder.RecordAsync(submissions, cancellationToken);
        return receipts.Any(receipt => receipt.Outcome == Outcome.Recorded);
    }

    private static Submission SubmissionOf(Watch watch, JsonText run, DateTimeOffset receivedAt)
    {
        // A copy, because snapshots are kept for a while, and the page would be with them.
        ReadOnlyMemory<byte> text = run.Utf8.ToArray();
        var read = Snapshot.Read(text);
        return read.Value is { } snapshot
            ? new Submission.Observed(
                watch.Key.Tenant, new Observation(snapshot, receivedAt.ToMicroseconds(), TimeBasis.Stated, PollRun.Source), watch.Key.ToString())
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
