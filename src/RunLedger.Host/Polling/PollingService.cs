using System.Collections.Concurrent;
using Npgsql;
using RunLedger.Postgres;
using RunLedger.Postgres.Polling;
using RunLedger.Postgres.Recording;

namespace RunLedger.Host.Polling;

/// <summary>
/// Polls what is watched and due, where Wolverine does not. It goes in turns: each hands in what polls came to since the last, and takes what is due now, with one round
/// trip to the database. All state is that of the turns; polls only report that they are finished. Disposed without having been stopped it
/// behaves as a host that died: what is under way is dropped, and others go on when its leases have run out.
/// </summary>
public sealed class PollingService : BackgroundService, IPollTurns
{
    // Polls that end within this time share a turn. It is little against any sensible poll interval.
    private static readonly TimeSpan BetweenTurns = TimeSpan.FromMilliseconds(40);

    // Watches that other processes add are found by looking.
    private static readonly TimeSpan LongestRest = TimeSpan.FromSeconds(5);

    // What is due and yet not taken is held by another host for the moment, or there is no room for it.
    private static readonly TimeSpan RestWhenHeldUp = TimeSpan.FromMilliseconds(100);

    private static readonly TimeSpan RestWithoutDatabase = TimeSpan.FromSeconds(1);

    private readonly string _owner = $"{Environment.MachineName}:{Environment.ProcessId}:{Guid.NewGuid():n}";
    private readonly CancellationTokenSource _abandon = new();
    private readonly ConcurrentQueue<Landing> _landed = new();
    private readonly Dictionary<WatchKey, Flight> _flights = [];
    private readonly List<SettledWatch> _settled = [];
    private readonly Ledger _ledger;
    private readonly Upstreams _upstreams;
    private readonly Watches _watches;
    private readonly PollingOptions _options;
    private readonly TimeProvider _clock;
    private readonly ILogger<PollingService> _logger;
    private volatile bool _isDisposed;
    private bool _isReachable = true;
    private bool _hasAddedThreads;

    /// <summary>A poller of the upstreams in the settings.</summary>
    public PollingService(
        Ledger ledger, Upstreams upstreams, Watches watches, PollingOptions options, TimeProvider clock, ILogger<PollingService> logger)
    {
        _ledger = ledger;
        _upstreams = upstreams;
        _watches = watches;
        _options = options;
        _clock = clock;
        _logger = logger;
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        if (_isDisposed) return;
        _isDisposed = true;
        _abandon.Cancel();
        base.Dispose();
        _abandon.Dispose();
    }

    // It has begun when its watch was leased, and its place was taken then.
    Task<Place?> IPollTurns.BeginAsync(Poll poll, CancellationToken cancellationToken) =>
        Task.FromResult(_upstreams.TryFind(poll.Watch.Key, out var upstream) ? new Place(upstream) : null);

    // The turns renew the leases of what is under way.
    Task IPollTurns.HoldAsync(Poll poll, CancellationToken cancellationToken) => Task.CompletedTask;

    Task IPollTurns.EndAsync(Poll poll, PollResult result, CancellationToken cancellationToken)
    {
        Land(poll, result);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (_upstreams.All.Count == 0) return;
        try
        {
            while (true)
            {
                var rest = await TurnAsync();
                await Task.Delay(BetweenTurns, _clock, stoppingToken);
                await _watches.Poller.WaitAsync(rest > BetweenTurns ? rest - BetweenTurns : TimeSpan.Zero, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested || _isDisposed)
        {
            if (!_isDisposed) await FinishAsync();
        }
    }

    /// <returns>How long to rest, unless something happens.</returns>
    private async Task<TimeSpan> TurnAsync()
    {
        Settle();
        try
        {
            if (!_hasAddedThreads) await _watches.AddConfiguredThreadsAsync(_abandon.Token);
            _hasAddedThreads = true;
            var late = _flights.Values.Where(flight => _clock.GetElapsedTime(flight.LeasedAt) > _options.Lease / 3).ToList();
            var rooms = _upstreams.All.Select(upstream => new UpstreamRoom(upstream.Tenant, upstream.Name, upstream.Room))
                .Where(room => room.Places > 0).ToList();
            var due = await ExchangeAsync(_settled, late, rooms);
            _settled.Clear();
            foreach (var flight in late) flight.LeasedAt = _clock.GetTimestamp();
            foreach (var watch in due.Taken) Start(watch);
            if (!_isReachable) _logger.LogInformation("The database can be reached again; polling goes on.");
            _isReachable = true;
            return Rest(due.NextDue, rooms);
        }
        catch (PostgresException refused) when (Failures.IsOfTheData(refused))
        {
            if (_settled.Count == 0) _logger.LogError(refused, "The database refuses the poller's turn.");
            await SettleEachAsync();
            return RestWithoutDatabase;
        }
        catch (NpgsqlException lost)
        {
            if (_isReachable) _logger.LogWarning("The database cannot be reached; nothing is polled meanwhile: {Reason}", lost.Message);
            _isReachable = false;
            return RestWithoutDatabase;
        }
    }

    // One settlement that the database refuses must not keep the others from being heard: each is handed in by itself. The watch of the one that is
    // refused is polled again when its lease has run out.
    private async Task SettleEachAsync()
    {
        while (_settled is [.., var last])
        {
            try
            {
                await ExchangeAsync([last], [], []);
            }
            catch (PostgresException refused) when (Failures.IsOfTheData(refused))
            {
                _logger.LogError(refused, "What the poll of {Watch} came to cannot be stored; it is polled again later.", last.Key);
            }
            catch (NpgsqlException)
            {
                return; // The next turn says so.
            }
            _settled.RemoveAt(_settled.Count - 1);
        }
    }

    private Task<DueWatches> ExchangeAsync(IReadOnlyList<SettledWatch> settled, List<Flight> late, List<UpstreamRoom> rooms)
    {
        var exchange = new WatchExchange
        {
            Owner = _owner,
            Lease = _options.Lease,
            Settled = settled,
            Renewed = [.. late.Select(flight => flight.Poll.Watch.Key)],
            Rooms = rooms,
        };
        return _watches.Store.ExchangeAsync(exchange, _abandon.Token);
    }

    private void Start(Watch watch)
    {
        // Taken again after its lease ran out while the database could not be reached: the poll under way settles it.
        if (_flights.ContainsKey(watch.Key)) return;
        if (!_upstreams.TryFind(watch.Key, out var upstream) || !upstream.TryEnter())
        {
            _settled.Add(new SettledWatch(watch.Key, new Settlement.GivenBack()));
            return;
        }
        PollingMetrics.Started(upstream, watch.Overdue);
        var flight = new Flight(Poll.Of(watch, _owner, _clock.GetUtcNow()), upstream, _clock.GetTimestamp());
        _flights.Add(watch.Key, flight);
        flight.Course = PollAsync(flight);
    }

    private async Task PollAsync(Flight flight)
    {
        try
        {
            switch (flight.Poll)
            {
                case PollThread thread:
                    await PollThreadHandler.HandleAsync(thread, _ledger, _watches, this, _abandon.Token);
                    break;
                case PollRun run when await PollRunHandler.HandleAsync(run, this, _abandon.Token) is { } seen:
                    await RecordObservationsHandler.HandleAsync(seen, _ledger, _upstreams, this, _abandon.Token);
                    break;
            }
        }
        catch (Exception dropped) when (_abandon.IsCancellationRequested)
        {
            _logger.LogDebug(dropped, "The poll of {Watch} is dropped, because the host stops.", flight.Poll.Watch.Key);
            Land(flight.Poll, PollResult.GivenBack);
        }
        catch (NpgsqlException lost)
        {
            // The recorder and the turns say so in the log; once a poll would be too often.
            Land(flight.Poll, flight.Upstream.Pace.Failed(flight.Poll.Watch, PollOutcome.NotRecorded, lost.Message));
        }
        catch (Exception failure)
        {
            _logger.LogError(failure, "The poll of {Watch} failed.", flight.Poll.Watch.Key);
            Land(flight.Poll, flight.Upstream.Pace.Failed(flight.Poll.Watch, PollOutcome.NotRecorded, failure.Message));
        }
    }

    private void Land(Poll poll, PollResult result)
    {
        _landed.Enqueue(new Landing(poll.Watch.Key, result));
        _watches.Poller.Call();
    }

    private void Settle()
    {
        while (_landed.TryDequeue(out var landing))
        {
            var (watch, result) = landing;
            if (!_flights.Remove(watch, out var flight)) continue;
            flight.Upstream.Leave();
            _settled.Add(new SettledWatch(watch, result.Settlement));
            PollingMetrics.Finished(flight.Upstream, result.Outcome, _clock.GetElapsedTime(flight.StartedAt));
            if (result.GivenUp is { } reason) _logger.LogWarning("{Watch} is not polled any more: {Reason}.", watch, reason);
            flight.Upstream.Note(result);
        }
    }

    private TimeSpan Rest(TimeSpan? nextDue, List<UpstreamRoom> rooms)
    {
        var rest = LongestRest;
        if (_flights.Count > 0) rest = Shorter(rest, _options.Lease / 3);
        if (nextDue is { } due) rest = Shorter(rest, due > TimeSpan.Zero ? due : RestWhenHeldUp);
        // One that is down and was left alone in this turn is due when that is over, be it by now. Where polls are under way, their end wakes.
        foreach (var upstream in _upstreams.All)
            if (upstream.Break is { } wait && !rooms.Exists(room => room.Upstream == upstream.Name)) rest = Shorter(rest, wait);
        return rest;
    }

    /// <summary>Lets polls that are under way finish, drops those that take too long, and gives all leases back.</summary>
    private async Task FinishAsync()
    {
        var underWay = Task.WhenAll(_flights.Values.Select(flight => flight.Course));
        using var limit = new CancellationTokenSource(_options.ShutdownLimit, _clock);
        await using var dropping = limit.Token.Register(_abandon.Cancel);
        await underWay;
        Settle();
        try
        {
            var exchange = new WatchExchange { Owner = _owner, Lease = _options.Lease, Settled = _settled };
            await _watches.Store.ExchangeAsync(exchange, CancellationToken.None);
        }
        catch (NpgsqlException lost)
        {
            _logger.LogWarning("The database cannot be reached; {Count} leases run out by themselves: {Reason}", _settled.Count, lost.Message);
        }
    }

    private static TimeSpan Shorter(TimeSpan one, TimeSpan other) => one < other ? one : other;
}
