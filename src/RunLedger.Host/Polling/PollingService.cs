using System.Collections.Concurrent;
using Npgsql;
using RunLedger.Domain.Observations;
using RunLedger.Postgres.Polling;

namespace RunLedger.Host.Polling;

/// <summary>
/// Polls what is watched and due. It goes in turns: each hands in what polls came to since the last, and takes what is due now, with one round
/// trip to the database. All state is that of the turns; polls only report that they are finished. Disposed without having been stopped it
/// behaves as a host that died: what is under way is dropped, and others go on when its leases have run out.
/// </summary>
public sealed class PollingService : BackgroundService
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
    private readonly Dictionary<string, Upstream> _upstreams;
    private readonly IPollRecorder _recorder;
    private readonly Watches _watches;
    private readonly PollingOptions _options;
    private readonly TimeProvider _clock;
    private readonly ILogger<PollingService> _logger;
    private volatile bool _isDisposed;
    private bool _isReachable = true;
    private bool _hasAddedThreads;

    /// <summary>A poller of the upstreams in the settings.</summary>
    public PollingService(IPollRecorder recorder, Watches watches, PollingOptions options, TimeProvider clock, ILogger<PollingService> logger)
    {
        _recorder = recorder;
        _watches = watches;
        _options = options;
        _clock = clock;
        _logger = logger;
        _upstreams = options.Upstreams.Select((upstream, index) => new Upstream(upstream, options.Seed + index, clock))
            .ToDictionary(upstream => upstream.Name, StringComparer.Ordinal);
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        if (_isDisposed) return;
        _isDisposed = true;
        _abandon.Cancel();
        base.Dispose();
        foreach (var upstream in _upstreams.Values) upstream.Dispose();
        _abandon.Dispose();
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (_upstreams.Count == 0) return;
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
            await AddConfiguredThreadsAsync();
            var late = _flights.Values.Where(flight => _clock.GetElapsedTime(flight.LeasedAt) > _options.Lease / 3).ToList();
            var rooms = _upstreams.Values.Select(upstream => new UpstreamRoom(upstream.Tenant, upstream.Name, upstream.Room))
                .Where(room => room.Places > 0).ToList();
            var due = await ExchangeAsync(late, rooms);
            foreach (var flight in late) flight.LeasedAt = _clock.GetTimestamp();
            foreach (var watch in due.Taken) Start(watch);
            if (!_isReachable) _logger.LogInformation("The database can be reached again; polling goes on.");
            _isReachable = true;
            return Rest(due.NextDue, rooms);
        }
        catch (NpgsqlException lost)
        {
            if (_isReachable) _logger.LogWarning("The database cannot be reached; nothing is polled meanwhile: {Reason}", lost.Message);
            _isReachable = false;
            return RestWithoutDatabase;
        }
    }

    private async Task AddConfiguredThreadsAsync()
    {
        if (_hasAddedThreads) return;
        await _watches.Store.AddAsync(
            [
                .. from upstream in _options.Upstreams
                   from thread in upstream.Threads
                   select new WatchKey(new TenantId(upstream.Tenant), upstream.Name, thread, ""),
            ],
            _abandon.Token);
        _hasAddedThreads = true;
    }

    private async Task<DueWatches> ExchangeAsync(List<Flight> late, List<UpstreamRoom> rooms)
    {
        var exchange = new WatchExchange
        {
            Owner = _owner,
            Lease = _options.Lease,
            Settled = _settled,
            Renewed = [.. late.Select(flight => flight.Watch.Key)],
            Rooms = rooms,
        };
        var due = await _watches.Store.ExchangeAsync(exchange, _abandon.Token);
        _settled.Clear();
        return due;
    }

    private void Start(Watch watch)
    {
        // Taken again after its lease ran out while the database could not be reached: the poll under way settles it.
        if (_flights.ContainsKey(watch.Key)) return;
        var upstream = _upstreams[watch.Key.Upstream];
        upstream.Active++;
        PollingMetrics.Started(upstream, watch.Overdue);
        var flight = new Flight(watch, upstream, _clock.GetTimestamp());
        _flights.Add(watch.Key, flight);
        flight.Course = PollAsync(flight);
    }

    private async Task PollAsync(Flight flight)
    {
        var result = await ResultAsync(flight.Watch, flight.Upstream);
        _landed.Enqueue(new Landing(flight, result));
        _watches.Poller.Call();
    }

    private async Task<PollResult> ResultAsync(Watch watch, Upstream upstream)
    {
        try
        {
            return watch.Key.IsThread
                ? await PollThread.RunAsync(watch, upstream.Client, upstream.Pace, _recorder, _watches.Store, _abandon.Token)
                : await PollRun.RunAsync(watch, upstream.Client, upstream.Pace, _recorder, _abandon.Token);
        }
        catch (Exception dropped) when (_abandon.IsCancellationRequested)
        {
            _logger.LogDebug(dropped, "The poll of {Watch} is dropped, because the host stops.", watch.Key);
            return new PollResult(PollOutcome.NotRecorded, new Settlement.GivenBack());
        }
        catch (NpgsqlException lost)
        {
            // The recorder and the turns say so in the log; once a poll would be too often.
            return upstream.Pace.Failed(watch, PollOutcome.NotRecorded, lost.Message);
        }
        catch (Exception failure)
        {
            _logger.LogError(failure, "The poll of {Watch} failed.", watch.Key);
            return upstream.Pace.Failed(watch, PollOutcome.NotRecorded, failure.Message);
        }
    }

    private void Settle()
    {
        while (_landed.TryDequeue(out var landing))
        {
            var (flight, result) = landing;
            _flights.Remove(flight.Watch.Key);
            flight.Upstream.Active--;
            _settled.Add(new SettledWatch(flight.Watch.Key, result.Settlement));
            PollingMetrics.Finished(flight.Upstream, result.Outcome, _clock.GetElapsedTime(flight.StartedAt));
            if (result.GivenUp is { } reason) _logger.LogWarning("{Watch} is not polled any more: {Reason}.", flight.Watch.Key, reason);
            Note(flight.Upstream, result);
        }
    }

    private void Note(Upstream upstream, PollResult result)
    {
        var circuit = upstream.Circuit;
        if (result.UpstreamFailed)
        {
            if (circuit.Failed(result.RetryAfter))
                _logger.LogWarning("Upstream {Upstream} is down, it is asked less often until it is up again: {Reason}.", upstream.Name, result.Error);
        }
        else if (result.Outcome != PollOutcome.NotRecorded)
        {
            var down = circuit.Down;
            if (circuit.Succeeded()) _logger.LogInformation("Upstream {Upstream} is up again after {Down}.", upstream.Name, down);
        }
    }

    private TimeSpan Rest(TimeSpan? nextDue, List<UpstreamRoom> rooms)
    {
        var rest = LongestRest;
        if (_flights.Count > 0) rest = Shorter(rest, _options.Lease / 3);
        if (nextDue is { } due) rest = Shorter(rest, due > TimeSpan.Zero ? due : RestWhenHeldUp);
        // One that is down and was left alone in this turn is due when that is over, be it by now. Where polls are under way, their end wakes.
        foreach (var upstream in _upstreams.Values)
            if (upstream is { Circuit.IsOpen: true, Active: 0 } && !rooms.Exists(room => room.Upstream == upstream.Name))
                rest = Shorter(rest, upstream.Circuit.Wait);
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
