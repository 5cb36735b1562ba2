using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Npgsql;
using RunLedger.Domain.Observations;
using RunLedger.Domain.Quarantine;
using RunLedger.Domain.Runs;
using RunLedger.Postgres.Replay;

namespace RunLedger.Postgres.Recording;

/// <summary>One way through the recorder: takes what has arrived, reads the states of its runs, decides, appends, and gives receipts.</summary>
internal sealed class RecordingLane
{
    // Whoever finds the lane idle carries the batch on its way itself, without waking another thread.
    private readonly Channel<PendingSubmission[]> _arrivals =
        Channel.CreateUnbounded<PendingSubmission[]>(new() { SingleReader = true, AllowSynchronousContinuations = true });

    // Who waits for a host that ends is told of an outage before the host is killed.
    private static readonly TimeSpan RetryAtTheEnd = TimeSpan.FromSeconds(2);

    private static readonly IReadOnlyDictionary<RunKey, IReadOnlyList<RunEvent>> Nothing = new Dictionary<RunKey, IReadOnlyList<RunEvent>>();

    private readonly Queue<PendingSubmission> _waiting = new();
    private readonly IEventStore _store;
    private readonly ViewRegister _views;
    private readonly RecorderOptions _options;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly RunCache _cache;
    private readonly Task _loop;

    // Whether the strangers that were looked up last were new. Then those that look new are not looked up: if one is known after all, its append is refused.
    private bool _strangersAreNew = true;

    // Since when the database has taken nothing that it was sent; null while it does.
    private long? _failingSince;

    // Since when the end is near; 0 before.
    private long _endingSince;

    public RecordingLane(IEventStore store, ViewRegister views, RecorderOptions options, TimeProvider clock, ILogger logger)
    {
        _store = store;
        _views = views;
        _options = options;
        _clock = clock;
        _logger = logger;
        _cache = new RunCache(options.CacheBytes / options.Lanes);
        _loop = Task.Run(RunAsync);
    }

    public void Take(PendingSubmission[] together)
    {
        if (!_arrivals.Writer.TryWrite(together)) together[0].Receipts.Fail(new ObjectDisposedException(nameof(ObservationRecorder)));
    }

    public void Hurry() => Interlocked.CompareExchange(ref _endingSince, _clock.GetTimestamp(), 0);

    public Task CompleteAsync()
    {
        Hurry();
        _arrivals.Writer.TryComplete();
        return _loop;
    }

    private async Task RunAsync()
    {
        var batch = new List<PendingSubmission>();
        while (_waiting.Count > 0 || await _arrivals.Reader.WaitToReadAsync())
        {
            while (_waiting.Count < _options.LargestBatch && _arrivals.Reader.TryRead(out var together))
                foreach (var pending in together) _waiting.Enqueue(pending);
            batch.Clear();
            var bytes = 0L;
            while (batch.Count < _options.LargestBatch && bytes < _options.LargestBatchBytes && _waiting.TryDequeue(out var next))
            {
                batch.Add(next);
                bytes += next.Submission.Bytes;
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
                _failingSince = null;
                RecordingMetrics.Recorded(batch.Count, _clock.GetElapsedTime(started));
                return;
            }
            catch (AppendConflictException)
            {
                Forget(batch);
                _strangersAreNew = false;
                _logger.LogDebug("Another node appended to one of {Count} submissions' runs first; deciding again.", batch.Count);
            }
            catch (ViewsChangedException)
            {
                Forget(batch);
                _views.Forget();
            }
            catch (NpgsqlException failure) when (Failures.MayPass(failure))
            {
                _cache.Clear(); // What answers next may be another server, to which not everything came.
                _failingSince ??= started;
                TellLate(batch, failure);
                if (batch.Count == 0) return;
                _logger.LogWarning("The database did not take a batch of {Count}, trying again: {Reason}", batch.Count, failure.Message);
                await Task.Delay(Failures.Pause(attempt), _clock);
            }
            catch (Exception failure) when (Failures.IsOfTheData(failure) || failure is UnreadableStreamException)
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

    // Everybody waits as long for a database that is away, however many wait before: of the batch, and of what has arrived behind it in the order of time.
    private void TellLate(List<PendingSubmission> batch, NpgsqlException failure)
    {
        while (_arrivals.Reader.TryRead(out var together))
            foreach (var pending in together) _waiting.Enqueue(pending);
        var (now, endingSince) = (_clock.GetTimestamp(), Volatile.Read(ref _endingSince));
        var late = batch.FindAll(IsLate);
        batch.RemoveAll(IsLate);
        while (_waiting.TryPeek(out var next) && IsLate(next)) late.Add(_waiting.Dequeue());
        if (late.Count == 0) return;
        _logger.LogError(failure, "{Count} submissions could not be recorded; their submitters are told.", late.Count);
        foreach (var pending in late) pending.Receipts.Fail(failure);

        bool IsLate(PendingSubmission pending) =>
            _clock.GetElapsedTime(Math.Max(pending.Receipts.ArrivedAt, _failingSince!.Value), now) >= _options.RetryFor
            || (endingSince != 0 && _clock.GetElapsedTime(endingSince, now) >= RetryAtTheEnd);
    }

    private async Task RecordOnceAsync(List<PendingSubmission> batch)
    {
        var runs = Track(batch);
        await LookUpAsync(runs);
        var decided = new DecidedBatch(runs, await _views.WritableAsync(CancellationToken.None), _clock.GetUtcNow().ToMicroseconds());
        var receipts = batch.ConvertAll(pending => decided.Decide(pending.Submission));

        // What is appended is checked by its version. What was found to be unchanged rests on memory, and is checked here: it must be as true.
        if ((await ReadNewerAsync(runs, run => run.IsRemembered && !run.HasMoved)).Count > 0) throw new AppendConflictException();
        decided.Conclude();
        if (!decided.Append.IsEmpty) await _store.AppendAsync(decided.Append, CancellationToken.None);

        foreach (var run in runs.Values) _cache.Keep(run);
        for (var i = 0; i < batch.Count; i++)
        {
            RecordingMetrics.Count(receipts[i].Outcome);
            batch[i].Complete(receipts[i], alone: batch.Count == 1);
        }
    }

    private bool IsToBeLookedUp(TrackedRun run) => run.Version == 0 && !(run.LooksNew && _strangersAreNew);

    private Dictionary<RunKey, TrackedRun> Track(List<PendingSubmission> batch)
    {
        var runs = new Dictionary<RunKey, TrackedRun>();
        foreach (var pending in batch)
        {
            if (pending.Submission is not Submission.Observed { Tenant: var tenant, Observation: var observation }) continue;
            var key = new RunKey(tenant, observation.Snapshot.Id);
            if (!runs.TryGetValue(key, out var run)) runs.Add(key, run = _cache.Take(key) ?? TrackedRun.SeenFirstBy(key, observation));
            if (run.IsAtRest && !run.IsShownAgainBy(observation)) runs[key] = run.Woken();
        }
        return runs;
    }

    // Reads what is known of the runs that are not in memory.
    private async Task LookUpAsync(Dictionary<RunKey, TrackedRun> runs)
    {
        var strangers = runs.Values.Any(run => run.IsStranger && IsToBeLookedUp(run));
        var known = await ReadNewerAsync(runs, IsToBeLookedUp);
        foreach (var (key, events) in known) runs[key].CatchUp(events);
        if (strangers) _strangersAreNew = !known.Keys.Any(key => runs[key].IsStranger);
    }

    // Reads with one query what was appended to some of the runs beyond what is known.
    private async Task<IReadOnlyDictionary<RunKey, IReadOnlyList<RunEvent>>> ReadNewerAsync(Dictionary<RunKey, TrackedRun> runs, Func<TrackedRun, bool> wanted)
    {
        var known = new List<KnownRun>(runs.Count);
        foreach (var run in runs.Values)
            if (wanted(run)) known.Add(new KnownRun(run.Key, run.Version));
        return known.Count == 0 ? Nothing : await _store.ReadNewerAsync(known, CancellationToken.None);
    }

    // One item that the database refuses, or whose run cannot be read, must not keep its neighbours from being recorded: halves are tried apart, down to the one.
    private async Task IsolateAsync(List<PendingSubmission> batch, Exception failure)
    {
        if (batch.Count > 1)
        {
            await RecordAsync(batch[..(batch.Count / 2)]);
            await RecordAsync(batch[(batch.Count / 2)..]);
            return;
        }
        if (failure is UnreadableStreamException
            || batch[0].Submission is not Submission.Observed { Tenant: var tenant, Observation: var observation, Pointer: var pointer })
        {
            _logger.LogError(failure, "A submission could not be recorded; its submitter is told.");
            batch[0].Receipts.Fail(failure);
            return;
        }
        _logger.LogWarning(failure, "An observation of {Run} cannot be stored; it goes to quarantine.", observation.Snapshot.Id);
        var reason = failure is PostgresException { MessageText: var text, SqlState: var state } ? $"{text} (SQLSTATE {state})" : failure.Message;
        var defect = new Defect("", $"cannot be stored: {reason}");
        var item = QuarantinedItem.Of(tenant, DecidedBatch.Holdable(observation), pointer, defect, _clock.GetUtcNow().ToMicroseconds());
        await RecordAsync([batch[0] with { Submission = new Submission.Rejected(item) { Run = observation.Snapshot.Id } }]);
    }

    private void Forget(List<PendingSubmission> batch)
    {
        foreach (var pending in batch)
            if (pending.Submission is Submission.Observed { Tenant: var tenant, Observation.Snapshot.Id: var run }) _cache.Forget(new RunKey(tenant, run));
    }
}
