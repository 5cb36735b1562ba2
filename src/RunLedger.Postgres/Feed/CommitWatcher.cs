using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Npgsql;
using RunLedger.Domain.Observations;

namespace RunLedger.Postgres.Feed;

/// <summary>
/// Watches what is committed, for all readers of this process: it tells followers of a tenant that there is news, and knows up to which position
/// nothing is under way any more. Appends of this process are told at once; those of others are found by looking ten times a second, which is the
/// end of an index while nothing is appended. PostgreSQL's NOTIFY is not used: it takes a lock for the whole server at commit.
/// </summary>
internal sealed class CommitWatcher(NpgsqlDataSource dataSource, SegmentIndex segments, TimeProvider clock, ILogger logger) : IAsyncDisposable
{
    /// <summary>What <see cref="Settled"/> is before it is known.</summary>
    public const long Unknown = -1;

    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan AfterFailure = TimeSpan.FromSeconds(1);

    // Looking may take this part of the time: where much is under way for long, it is looked at less often.
    private const int RestPerLook = 9;

    private readonly ConcurrentDictionary<TenantId, TenantTail> _tails = new();
    private readonly Lock _joining = new();
    private readonly CancellationTokenSource _end = new();
    private readonly TaskCompletionSource _known = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource _isWatched = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task? _watching;
    private Unsettled? _unsettled;
    private long _settled = Unknown;
    private long _newest;

    /// <summary>
    /// Every position up to here is that of a committed event or of none: no transaction that took one of them is under way, and none will take one
    /// of them, be it after a crash of PostgreSQL. It is the position of a committed event; 0 before the first.
    /// </summary>
    public long Settled => Volatile.Read(ref _settled);

    /// <summary>The newest position that was seen to have an event.</summary>
    public long Newest => Volatile.Read(ref _newest);

    /// <summary>Ends once <see cref="Settled"/> is known.</summary>
    public Task Known => _known.Task;

    /// <summary>Cancelled when the watcher is disposed.</summary>
    public CancellationToken End => _end.Token;

    /// <summary>The tail of a tenant, watched until it is left.</summary>
    public TenantTail Join(TenantId tenant)
    {
        lock (_joining)
        {
            ObjectDisposedException.ThrowIf(_end.IsCancellationRequested, this);
            var tail = _tails.GetOrAdd(tenant, static _ => new TenantTail());
            tail.Followers++;
            _watching ??= Task.Run(WatchAsync);
            _isWatched.TrySetResult();
            return tail;
        }
    }

    /// <summary>Leaves a tenant's tail.</summary>
    public void Leave(TenantId tenant)
    {
        lock (_joining)
        {
            if (--_tails[tenant].Followers > 0) return;
            _tails.TryRemove(tenant, out _);
            if (_tails.IsEmpty) _isWatched = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    /// <summary>Tells the followers of a tenant that events of it were committed.</summary>
    public void Tell(TenantId tenant)
    {
        if (_tails.TryGetValue(tenant, out var tail)) tail.Tell();
    }

    /// <summary>Whether anybody follows any tenant.</summary>
    public bool HasFollowers => !_tails.IsEmpty;

    /// <summary>Ends the watch.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_joining)
        {
            if (_end.IsCancellationRequested) return;
            _end.Cancel();
            _known.TrySetCanceled();
        }
        if (_watching is not null) await _watching;
        _end.Dispose();
    }

    private async Task WatchAsync()
    {
        var isLooking = true;
        while (!_end.IsCancellationRequested)
        {
            try
            {
                await Volatile.Read(ref _isWatched).Task.WaitAsync(_end.Token);
                var begin = clock.GetTimestamp();
                await LookAsync(_end.Token);
                if (Settled != Unknown) await segments.GrowAsync(Settled, _end.Token);
                if (!isLooking) logger.LogInformation("The event feed looks for what is committed again.");
                isLooking = true;
                var rest = clock.GetElapsedTime(begin) * RestPerLook;
                await Task.Delay(rest > BetweenLooks ? rest : BetweenLooks, clock, _end.Token);
            }
            catch (OperationCanceledException) when (_end.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure)
            {
                // Whatever it is: without the watch followers would hear of nothing any more, and not know.
                if (isLooking && failure is NpgsqlException) logger.LogWarning("The event feed does not reach the database, and goes on trying: {Reason}", failure.Message);
                else if (isLooking) logger.LogError(failure, "The event feed cannot look for what is committed, and goes on trying.");
                isLooking = false;
                await Task.Delay(AfterFailure, clock, _end.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    // What is told of is everything after the position that was settled before: told before the next position counts as settled.
    private async Task LookAsync(CancellationToken cancellationToken)
    {
        var (newest, holders) = await NewestAsync(cancellationToken);
        Volatile.Write(ref _newest, newest);
        var settled = SettledBy(newest, holders);
        if (Settled == Unknown)
        {
            foreach (var tail in _tails.Values) tail.Tell();
        }
        else if (newest > Settled)
        {
            await TellOfNewsAsync(Settled, cancellationToken);
        }
        if (settled is not { } reached) return;
        Volatile.Write(ref _settled, reached);
        _known.TrySetResult();
    }

    // A position is settled once every transaction that might have taken it has ended: those that held the sequence when it was the newest.
    private long? SettledBy(long newest, HashSet<string> holders)
    {
        if (holders.Count == 0)
        {
            _unsettled = null;
            return newest;
        }
        if (_unsettled is null)
        {
            _unsettled = new Unsettled(newest, holders);
            return null;
        }
        _unsettled.Holders.IntersectWith(holders);
        if (_unsettled.Holders.Count > 0) return null;
        var settled = _unsettled.Newest;
        _unsettled = new Unsettled(newest, holders);
        return settled;
    }

    // The position is that of an event, not the newest of the sequence: PostgreSQL need not have flushed what it logged of positions whose takers were rolled
    // back, and gives these out again after a crash. What it logged of an event's position, or of one up to 32 later, comes before the event in the log, and
    // the event is visible only once the log is flushed up to its commit: no recovery takes the sequence back behind an event that was seen.
    // The holders are asked for after the position, by a statement of its own: whoever took a position up to it, and is not among them, has ended.
    private async Task<(long Newest, HashSet<string> Holders)> NewestAsync(CancellationToken cancellationToken)
    {
        await using var batch = dataSource.CreateBatch();
        batch.BatchCommands.Add(new NpgsqlBatchCommand(Sql.Text("Feed/newest_position.sql")));
        batch.BatchCommands.Add(new NpgsqlBatchCommand(Sql.Text("Feed/position_holders.sql")));
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        var newest = reader.GetInt64(0);
        await reader.NextResultAsync(cancellationToken);
        var holders = new HashSet<string>(StringComparer.Ordinal);
        while (await reader.ReadAsync(cancellationToken)) holders.Add(reader.GetString(0));
        return (newest, holders);
    }

    private async Task TellOfNewsAsync(long after, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(Sql.Text("Feed/tenants_with_news.sql"));
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = after });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            var (tenant, newest) = (new TenantId(reader.GetString(0)), reader.GetInt64(1));
            if (!_tails.TryGetValue(tenant, out var tail) || newest <= tail.ToldOf) continue;
            tail.ToldOf = newest;
            tail.Tell();
        }
    }

    private sealed record Unsettled(long Newest, HashSet<string> Holders);
}
