using Npgsql;
using RunLedger.Postgres.Polling;
using Wolverine;
using Wolverine.RDBMS;
using Wolverine.Runtime;

namespace RunLedger.Host.Polling.Queue;

/// <summary>
/// Turns by messages. A watch that Wolverine has the next poll of is leased to that poll: the message names the lease, and is good for nothing once the
/// watch is held under another name, or is gone. The lease ends some time after the poll is due: what becomes of a message, its watch is polled again.
/// </summary>
public sealed class MessageTurns : IPollTurns
{
    // For how many leases of a host a poll may wait to be made, once it is due. Wolverine finds out within two that a host is dead.
    private const int Patience = 4;

    private readonly QueueConnections _connections;
    private readonly IWolverineRuntime _runtime;
    private readonly Upstreams _upstreams;
    private readonly Watches _watches;
    private readonly PollingOptions _options;
    private readonly TimeProvider _clock;
    private readonly ILogger<MessageTurns> _logger;
    private readonly WatchStore _store;
    private readonly BegunTurns _begun;

    /// <summary>Turns of the polls of a host.</summary>
    public MessageTurns(
        QueueConnections connections, IWolverineRuntime runtime, Upstreams upstreams, Watches watches, PollingOptions options, TimeProvider clock,
        ILogger<MessageTurns> logger)
    {
        _connections = connections;
        _runtime = runtime;
        _upstreams = upstreams;
        _watches = watches;
        _options = options;
        _clock = clock;
        _logger = logger;
        _store = new WatchStore(connections.DataSource);
        _begun = new BegunTurns(clock);
    }

    /// <summary>Hands watches that are due to Wolverine: those that nobody polls, because they are new, or whose polls came to nothing.</summary>
    /// <param name="most">The most of each upstream.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>How many were taken, and when the next is due.</returns>
    /// <exception cref="NpgsqlException">The database cannot be reached.</exception>
    public async Task<DueWatches> FeedAsync(int most, CancellationToken cancellationToken)
    {
        var turn = NewTurn();
        var due = await _store.ExchangeAsync(
            new WatchExchange
            {
                Owner = turn,
                Lease = _options.Lease * Patience,
                Rooms = [.. _upstreams.All.Select(upstream => new UpstreamRoom(upstream.Tenant, upstream.Name, most))],
            },
            cancellationToken);
        if (due.Taken.Count == 0) return due;
        await using var connection = await _connections.DataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var messages = await OutboxAsync(transaction);
        foreach (var watch in due.Taken) await PublishAsync(messages, Poll.Of(watch, turn, _clock.GetUtcNow() - watch.Overdue), null);
        await transaction.CommitAsync(cancellationToken);
        await messages.FlushOutgoingMessagesAsync();
        return due;
    }

    /// <inheritdoc/>
    public async Task<Place?> BeginAsync(Poll poll, CancellationToken cancellationToken)
    {
        if (!_upstreams.TryFind(poll.Watch.Key, out var upstream))
        {
            await SettleAsync(poll.Watch.Key, poll.Turn, new Settlement.GivenBack(), cancellationToken); // Another host's settings have it.
            return null;
        }
        if (await upstream.EnterAsync(cancellationToken) is { } wait)
        {
            await PostponeAsync(poll, wait, cancellationToken);
            return null;
        }
        var place = new Place(upstream, upstream.Leave);
        try
        {
            if (!await _store.BeginTurnAsync(poll.Watch.Key, poll.Turn, HeldAs(poll), LeaseOf(upstream), cancellationToken))
            {
                place.Dispose();
                return null;
            }
        }
        catch
        {
            place.Dispose();
            throw;
        }
        _begun.Begin(poll.Turn);
        PollingMetrics.Started(upstream, _clock.GetUtcNow() - poll.DueAt);
        return place;
    }

    /// <inheritdoc/>
    public Task HoldAsync(Poll poll, CancellationToken cancellationToken) => _upstreams.TryFind(poll.Watch.Key, out var upstream)
        ? _store.BeginTurnAsync(poll.Watch.Key, HeldAs(poll), HeldAs(poll), LeaseOf(upstream), cancellationToken)
        : Task.CompletedTask;

    /// <inheritdoc/>
    public async Task EndAsync(Poll poll, PollResult result, CancellationToken cancellationToken)
    {
        var key = poll.Watch.Key;
        if (_upstreams.TryFind(key, out var upstream))
        {
            upstream.Note(result);
            if (_begun.End(poll.Turn) is { } elapsed) PollingMetrics.Finished(upstream, result.Outcome, elapsed);
        }
        if (result.Settlement is Settlement.Again again) await PassOnAsync(poll, again, cancellationToken);
        else await SettleAsync(key, HeldAs(poll), result.Settlement, cancellationToken);
        if (result.GivenUp is { } reason) _logger.LogWarning("{Watch} is not polled any more: {Reason}.", key, reason);
    }

    // A turn that has begun is held under another name, so that a message that comes twice begins once.
    private static string HeldAs(Poll poll) => poll.Turn + " begun";

    private static string NewTurn() => $"wolverine:{Guid.CreateVersion7():n}";

    private TimeSpan LeaseOf(Upstream upstream) => upstream.RequestTimeout + _options.Lease;

    private async Task PassOnAsync(Poll poll, Settlement.Again again, CancellationToken cancellationToken)
    {
        var next = Next(
            poll.Watch with
            {
                Pause = again.Pause,
                Attempts = again.Attempts,
                LastOutcome = again.Outcome,
                ListedTo = again.ListedTo ?? poll.Watch.ListedTo,
                Overdue = TimeSpan.Zero,
            },
            again.Pause);
        await ScheduleAsync(
            next,
            async transaction => await FromAsync(transaction, HeldAs(poll)) || await FromAsync(transaction, poll.Turn), // A poll that is given up may not have begun.
            cancellationToken);

        Task<bool> FromAsync(NpgsqlTransaction transaction, string heldAs) =>
            WatchStore.PassOnAsync(transaction, poll.Watch.Key, heldAs, next.Turn, again, _options.Lease * Patience, cancellationToken);
    }

    private Task PostponeAsync(Poll poll, TimeSpan wait, CancellationToken cancellationToken)
    {
        var next = Next(poll.Watch, wait * (1 + Random.Shared.NextDouble() / 2)); // Not all at once.
        return ScheduleAsync(
            next,
            transaction => WatchStore.PostponeAsync(
                transaction, poll.Watch.Key, poll.Turn, next.Turn, next.DueAt - _clock.GetUtcNow(), _options.Lease * Patience, cancellationToken),
            cancellationToken);
    }

    private Poll Next(Watch watch, TimeSpan pause) => Poll.Of(watch, NewTurn(), _clock.GetUtcNow() + pause);

    // The watch and the message of its next poll, both or neither.
    private async Task ScheduleAsync(Poll next, Func<NpgsqlTransaction, Task<bool>> change, CancellationToken cancellationToken)
    {
        await using var connection = await _connections.DataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (!await change(transaction)) return; // It is another's by now, or is not watched any more.
        var messages = await OutboxAsync(transaction);
        await PublishAsync(messages, next, next.DueAt);
        await transaction.CommitAsync(cancellationToken);
        await messages.FlushOutgoingMessagesAsync();
    }

    // The tenant stands on the envelope too, and on those of messages that follow: it is known of one that cannot be read.
    private static ValueTask PublishAsync(MessageContext messages, Poll poll, DateTimeOffset? at) =>
        messages.PublishAsync((object)poll, new DeliveryOptions { ScheduledTime = at, TenantId = poll.Watch.Key.Tenant.Value });

    private async Task<MessageContext> OutboxAsync(NpgsqlTransaction transaction)
    {
        var messages = new MessageContext(_runtime);
        await messages.EnlistInOutboxAsync(new DatabaseEnvelopeTransaction((IMessageDatabase)_runtime.Storage, transaction));
        return messages;
    }

    private async Task SettleAsync(WatchKey watch, string heldAs, Settlement settlement, CancellationToken cancellationToken)
    {
        var exchange = new WatchExchange { Owner = heldAs, Lease = _options.Lease, Settled = [new SettledWatch(watch, settlement)] };
        await _store.ExchangeAsync(exchange, cancellationToken);
    }
}
