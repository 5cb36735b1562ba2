using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Npgsql;
using RunLedger.Domain.Observations;
using RunLedger.Domain.Runs;
using RunLedger.Postgres.Recording;

namespace RunLedger.Postgres.Feed;

/// <summary>
/// A tenant's events in the order in which they were committed, from any position on: each exactly once, whoever appends. It is what other systems
/// are fed from, and holds nothing for a reader but the page that it is at.
/// </summary>
public sealed class EventFeed : IAsyncDisposable
{
    private static readonly TimeSpan WaitForSettled = TimeSpan.FromSeconds(1);

    private readonly CommitWatcher _watcher;
    private readonly PageReader _reader;
    private readonly CancellationToken _end;
    private readonly TimeProvider _clock;

    /// <summary>Makes the feed of a ledger. It reads nothing until somebody reads it.</summary>
    public EventFeed(NpgsqlDataSource dataSource, TimeProvider clock, ILogger logger)
    {
        var segments = new SegmentIndex(dataSource);
        _watcher = new CommitWatcher(dataSource, segments, clock, logger);
        _reader = new PageReader(dataSource, segments);
        _end = _watcher.End;
        _clock = clock;
    }

    /// <summary>
    /// Reads a tenant's events, page by page, to the head or on and on. A reader that is slow is not hurried: the next page is read when it asks for it.
    /// </summary>
    /// <exception cref="PositionBeyondLedgerException">The ledger has never given the position after which to begin.</exception>
    /// <exception cref="NpgsqlException">The database cannot be reached; reading goes on after the last page's position.</exception>
    /// <exception cref="InvalidDataException">An event is not of a type that this version knows: it was appended by a newer one.</exception>
    /// <exception cref="OperationCanceledException">The reader gave up, or the feed was disposed.</exception>
    public async IAsyncEnumerable<FeedPage> ReadAsync(
        TenantId tenant, FeedRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var reader = new FeedReader(_watcher, tenant, request.After);
        using var reading = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _end);
        if (request.After > _watcher.Newest) await CheckAsync(request.After.Value, reading.Token);
        // A transaction that stays open keeps it from being known. Reading is right without, only longer where other tenants have much.
        await HasNewsAsync(_watcher.Known, WaitForSettled, reading.Token);
        var at = request.After ?? await _reader.NewestAsync(tenant, _watcher.Settled, reading.Token);
        for (var followsTail = false; ;)
        {
            var news = reader.Tail.News;
            var page = followsTail
                ? Only(request.Types, await SharedAsync(reader, at, news).WaitAsync(reading.Token))
                : await _reader.ReadAsync(tenant, at, _watcher.Settled, request.Types, reading.Token);
            // While it is given the page it is behind all that comes after it, and a client that takes nothing stays so.
            reader.IsAt(at = page.Position);
            FeedMetrics.Given(tenant, page.Events.Count);
            yield return page;
            if (!page.AtHead) continue;
            if (!request.Follow) yield break;

            followsTail = true;
            while (true)
            {
                // Read before it is seen that there is no news: what is settled was told of before it was.
                var settled = _watcher.Settled;
                reader.Waits();
                if (await HasNewsAsync(news, request.Idle, reading.Token)) break;
                reader.IsAt(at = Math.Max(at, settled));
                yield return new FeedPage([], at, AtHead: true);
            }
        }
    }

    /// <summary>Ends all readings.</summary>
    public ValueTask DisposeAsync() => _watcher.DisposeAsync();

    /// <summary>Tells followers of what has just been committed.</summary>
    internal void Tell(AppendBatch committed)
    {
        if (!_watcher.HasFollowers) return;
        foreach (var tenant in committed.Events.Select(appended => appended.Key.Tenant).Distinct()) _watcher.Tell(tenant);
    }

    private Task<FeedPage> SharedAsync(FeedReader reader, long after, Task news) =>
        reader.Tail.PageAsync(after, news, () => _reader.ReadAsync(reader.Tenant, after, _watcher.Settled, null, _end));

    // Compared with what was ever given, not with what was committed: positions have gaps, and those at the end may be in the making.
    private async Task CheckAsync(long after, CancellationToken cancellationToken)
    {
        if (after > await _reader.LastGivenAsync(cancellationToken)) throw new PositionBeyondLedgerException(after);
    }

    private async Task<bool> HasNewsAsync(Task news, TimeSpan limit, CancellationToken cancellationToken)
    {
        if (news.IsCompletedSuccessfully) return true;
        using var rest = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var idle = Task.Delay(limit, _clock, rest.Token);
        var first = await Task.WhenAny(news, idle);
        rest.Token.ThrowIfCancellationRequested();
        await rest.CancelAsync();
        if (first != news) return false;
        await news;
        return true;
    }

    private static FeedPage Only(IReadOnlyCollection<string>? types, FeedPage page) => types is null ? page
        : page with { Events = [.. page.Events.Where(next => types.Contains(RunEventTypes.Of(next.Recorded.Event).Name))] };
}
