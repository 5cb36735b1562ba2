using Microsoft.Extensions.Logging;
using RunLedger.Postgres.Replay;

namespace RunLedger.Postgres.Recording;

/// <summary>
/// Records observations with group commit: whatever has arrived while a batch was on its way forms the next one, so that a lone observation is
/// committed at once, and a thousand together share one read, one append and one flush.
/// </summary>
public sealed class ObservationRecorder : IAsyncDisposable
{
    private readonly RecordingLane[] _lanes;
    private readonly TimeProvider _clock;

    /// <summary>Makes a recorder over an engine.</summary>
    public ObservationRecorder(IEventStore store, ViewRegister views, RecorderOptions options, TimeProvider clock, ILogger logger)
    {
        _clock = clock;
        _lanes = [.. Enumerable.Range(0, options.Lanes).Select(_ => new RecordingLane(store, views, options, clock, logger))];
    }

    /// <summary>Records submissions and waits until they are committed.</summary>
    /// <remarks>
    /// What awaits this may go on in the middle of the recorder's own work, which waits for it: await what follows, and never block there, least of all
    /// on another call of this.
    /// </remarks>
    /// <param name="submissions">What to record; those of one run are taken in the order in which they stand.</param>
    /// <param name="cancellationToken">Ends the wait; what has been handed in is recorded all the same.</param>
    /// <returns>One receipt for each submission, in their order.</returns>
    /// <exception cref="Npgsql.NpgsqlException">The database could not be reached for longer than <see cref="RecorderOptions.RetryFor"/>.</exception>
    public Task<IReadOnlyList<Receipt>> RecordAsync(IReadOnlyList<Submission> submissions, CancellationToken cancellationToken)
    {
        if (submissions.Count == 0) return Task.FromResult<IReadOnlyList<Receipt>>([]);
        var receipts = new PendingReceipts(submissions.Count, _clock.GetTimestamp());
        var pending = new PendingSubmission[submissions.Count];
        for (var i = 0; i < pending.Length; i++) pending[i] = new PendingSubmission(submissions[i], receipts, i);
        if (_lanes.Length == 1) _lanes[0].Take(pending);
        else
            foreach (var ofLane in pending.GroupBy(next => LaneOf(next.Submission))) ofLane.Key.Take([.. ofLane]);
        return receipts.Completion.WaitAsync(cancellationToken);
    }

    /// <summary>Says that the end is near: while the database cannot be reached, submitters are told so after two seconds instead of the usual time.</summary>
    public void Hurry()
    {
        foreach (var lane in _lanes) lane.Hurry();
    }

    /// <summary>Records what has been handed in, and ends.</summary>
    public async ValueTask DisposeAsync() => await Task.WhenAll(_lanes.Select(lane => lane.CompleteAsync()));

    private RecordingLane LaneOf(Submission submission) => submission switch
    {
        Submission.Observed { Tenant: var tenant, Observation.Snapshot.Id: var run } =>
            _lanes[(uint)HashCode.Combine(tenant.Value, run.Value) % (uint)_lanes.Length],
        _ => _lanes[0],
    };
}

/// <summary>The receipts of submissions that were handed in together, as they come.</summary>
/// <param name="count">How many.</param>
/// <param name="arrivedAt">When they were handed in, a timestamp of the recorder's clock.</param>
internal sealed class PendingReceipts(int count, long arrivedAt)
{
    private readonly TaskCompletionSource<IReadOnlyList<Receipt>> _completion = new();
    private readonly Receipt[] _receipts = new Receipt[count];
    private int _missing = count;

    public Task<IReadOnlyList<Receipt>> Completion => _completion.Task;

    public long ArrivedAt => arrivedAt;

    /// <summary>Sets one receipt. Whoever waits for the last one goes on at once where it was alone, and beside the lane where others wait too.</summary>
    public void Set(int index, Receipt receipt, bool alone)
    {
        _receipts[index] = receipt;
        if (Interlocked.Decrement(ref _missing) > 0) return;
        if (alone) _completion.TrySetResult(_receipts);
        else ThreadPool.UnsafeQueueUserWorkItem(static pending => pending._completion.TrySetResult(pending._receipts), this, preferLocal: false);
    }

    public void Fail(Exception cause) =>
        ThreadPool.UnsafeQueueUserWorkItem(static failed => failed.Pending._completion.TrySetException(failed.Cause), (Pending: this, Cause: cause), preferLocal: false);
}

/// <summary>A submission that waits to be recorded.</summary>
internal readonly record struct PendingSubmission(Submission Submission, PendingReceipts Receipts, int Index)
{
    public void Complete(Receipt receipt, bool alone) => Receipts.Set(Index, receipt, alone);
}
