using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Npgsql;
using RunLedger.Domain.Observations;
using RunLedger.Domain.Quarantine;

namespace RunLedger.Postgres.Recording;

/// <summary>One way through the recorder: takes what has arrived, reads the states of its runs, decides, appends, and gives receipts.</summary>
internal sealed class RecordingLane
{
    private readonly Channel<PendingSubmission> _arrivals = Channel.CreateUnbounded<PendingSubmission>(new() { SingleReader = true });
    private readonly IEventStore _store;
    private readonly RecorderOptions _options;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly RunCache _cache;
    private readonly Task _loop;

    public RecordingLane(IEventStore store, RecorderOptions options, TimeProvider clock, ILogger logger)
    {
        _store = store;
        _options = options;
        _clock = clock;
        _logger = logger;
        _cache = new RunCache(options.CacheBytes / options.Lanes);
        _loop = Task.Run(RunAsync);
    }

    public void Take(PendingSubmission pending)
    {
        if (!_arrivals.Writer.TryWrite(pending)) pending.Receipts.Fail(new ObjectDisposedException(nameof(ObservationRecorder)));
    }

    public Task CompleteAsync()
    {
        _arrivals.Writer.TryComplete();
        return _loop;
    }

    private async Task RunAsync()
    {
        var batch = new List<PendingSubmission>();
        while (await _arrivals.Reader.WaitToReadAsync())
        {
            batch.Clear();
            var bytes = 0L;
            while (batch.Count < _options.LargestBatch && bytes < _options.LargestBatchBytes && _arrivals.Reader.TryRead(out var pending))
            {
                batch.Add(pending);
                bytes += pending.Submission.Bytes;
            }
            await RecordAsync(batch);
        }
    }

    private async Task RecordAsync(List<PendingSubmission> batch)
    {
        var started = _clock.GetTimestamp();
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await RecordOnceAsync(batch);
                RecordingMetrics.Recorded(batch.Count, _clock.GetElapsedTime(started));
                return;
            }
            catch (AppendConflictException)
            {
                Forget(batch);
                _logger.LogDebug("Another node appended to one of {Count} submissions' runs first; deciding again.", batch.Count);
            }
            catch (NpgsqlException failure) when (Failures.MayPass(failure) && _clock.GetElapsedTime(started) < _options.RetryFor)
            {
                _cache.Clear(); // What answers next may be another server, to which not everything came.
                _logger.LogWarning("The database did not take a batch of {Count}, trying again: {Reason}", batch.Count, failure.Message);
                await Task.Delay(Failures.Pause(attempt), _clock);
            }
            catch (Exception failure) when (Failures.IsOfTheData(failure))
            {
                Forget(batch);
                await IsolateAsync(batch, failure);
                return;
            }
            catch (Exception failure)
            {
                Forget(batch);
                _logger.LogError(failure, "A batch of {Count} submissions could not be recorded; their submitters are told.", batch.Count);
                foreach (var pending in batch) pending.Receipts.Fail(failure);
                return;
            }
        }
    }

    private async Task RecordOnceAsync(List<PendingSubmission> batch)
    {
        var runs = await ReadStatesAsync(batch);
        var decided = new DecidedBatch(runs, _clock.GetUtcNow().ToMicroseconds());
        var receipts = batch.ConvertAll(pending => decided.Decide(pending.Submission));
        decided.Conclude();
        if (!decided.Append.IsEmpty) await _store.AppendAsync(decided.Append, CancellationToken.None);

        foreach (var run in runs.Values) _cache.Keep(run);
        for (var i = 0; i < batch.Count; i++)
        {
            RecordingMetrics.Count(receipts[i].Outcome);
            batch[i].Complete(receipts[i]);
        }
    }

    // What is in memory is checked by its version, so that an answer of "unchanged" is as true as one of "recorded".
    private async Task<Dictionary<RunKey, TrackedRun>> ReadStatesAsync(List<PendingSubmission> batch)
    {
        var runs = new Dictionary<RunKey, TrackedRun>();
        foreach (var pending in batch)
            if (pending.Submission is Submission.Observed { Tenant: var tenant, Observation.Snapshot.Id: var run } && new RunKey(tenant, run) is var key)
                if (!runs.ContainsKey(key)) runs.Add(key, _cache.Take(key) ?? new TrackedRun(key));
        if (runs.Count == 0) return runs;

        var newer = await _store.ReadNewerAsync([.. runs.Values.Select(run => new KnownRun(run.Key, run.Version))], CancellationToken.None);
        foreach (var (key, events) in newer) runs[key].CatchUp(events);
        return runs;
    }

    // One item that the database refuses must not keep its neighbours from being recorded: halves are tried apart, down to the one.
    private async Task IsolateAsync(List<PendingSubmission> batch, Exception failure)
    {
        if (batch.Count > 1)
        {
            await RecordAsync(batch[..(batch.Count / 2)]);
            await RecordAsync(batch[(batch.Count / 2)..]);
            return;
        }
        if (batch[0].Submission is not Submission.Observed { Tenant: var tenant, Observation: var observation, Pointer: var pointer })
        {
            batch[0].Receipts.Fail(failure);
            return;
        }
        _logger.LogWarning(failure, "An observation of {Run} cannot be stored; it goes to quarantine.", observation.Snapshot.Id);
        var reason = failure is PostgresException { MessageText: var text, SqlState: var state } ? $"{text} (SQLSTATE {state})" : failure.Message;
        var defect = new Defect("", $"cannot be stored: {reason}");
        var item = new QuarantinedItem(tenant, observation.Snapshot.Json.Utf8, observation.Source, pointer, defect, _clock.GetUtcNow().ToMicroseconds());
        await RecordAsync([batch[0] with { Submission = new Submission.Rejected(item) { Run = observation.Snapshot.Id } }]);
    }

    private void Forget(List<PendingSubmission> batch)
    {
        foreach (var pending in batch)
            if (pending.Submission is Submission.Observed { Tenant: var tenant, Observation.Snapshot.Id: var run }) _cache.Forget(new RunKey(tenant, run));
    }
}
