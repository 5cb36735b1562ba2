using Npgsql;
using NpgsqlTypes;
using RunLedger.Domain.Observations;
using RunLedger.Postgres.Recording;

namespace RunLedger.Postgres.Polling;

/// <summary>
/// What is watched, shared by all hosts of a database. A host leases what it polls, so that two do not poll the same; leases of a host that
/// died run out, and others go on. Times are the database's, so that hosts need not agree on theirs.
/// </summary>
public sealed class WatchStore(NpgsqlDataSource dataSource)
{
    /// <summary>Adds watches, due at once; what is watched already stays as it is.</summary>
    /// <returns>How many were added.</returns>
    /// <exception cref="NpgsqlException">The database cannot be reached.</exception>
    public async Task<int> AddAsync(IReadOnlyList<WatchKey> watches, CancellationToken cancellationToken)
    {
        if (watches.Count == 0) return 0;
        await using var command = dataSource.CreateCommand(Sql.Text("Polling/add_watches.sql"));
        AddKeys(command.Parameters, watches, watch => watch);
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Removes a watch, whoever polls it.</summary>
    /// <returns>Whether there was one.</returns>
    /// <exception cref="NpgsqlException">The database cannot be reached.</exception>
    public async Task<bool> RemoveAsync(WatchKey watch, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(Sql.Text("Polling/remove_watch.sql"));
        AddKey(command.Parameters, watch);
        return await command.ExecuteNonQueryAsync(cancellationToken) > 0;
    }

    /// <summary>Begins a turn of a watch that is held for it, and holds it under another name: a turn begins once.</summary>
    /// <param name="watch">The watch.</param>
    /// <param name="heldAs">The name under which it is held.</param>
    /// <param name="holdAs">The name under which it is held from now on.</param>
    /// <param name="lease">How long, from now.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Whether it was held so; if not, its turn is another's, or it is not watched any more.</returns>
    /// <exception cref="NpgsqlException">The database cannot be reached.</exception>
    public async Task<bool> BeginTurnAsync(WatchKey watch, string heldAs, string holdAs, TimeSpan lease, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(Sql.Text("Polling/begin_turn.sql"));
        AddKey(command.Parameters, watch);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = heldAs });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = holdAs });
        command.Parameters.Add(new NpgsqlParameter<TimeSpan> { TypedValue = lease });
        return await command.ExecuteNonQueryAsync(cancellationToken) > 0;
    }

    /// <summary>Ends a turn and holds the watch for the next, as a part of a transaction that brings that one about.</summary>
    /// <param name="transaction">The transaction.</param>
    /// <param name="watch">The watch.</param>
    /// <param name="heldAs">The name under which it is held.</param>
    /// <param name="holdAs">The name under which it is held for the next turn.</param>
    /// <param name="next">What the poll came to, and when the next is made.</param>
    /// <param name="lease">How long it is held once it is due.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Whether it was held so; if not, nothing is to follow.</returns>
    /// <exception cref="NpgsqlException">The database cannot be reached.</exception>
    public static async Task<bool> PassOnAsync(
        NpgsqlTransaction transaction, WatchKey watch, string heldAs, string holdAs, Settlement.Again next, TimeSpan lease, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Sql.Text("Polling/pass_on.sql"), transaction.Connection, transaction);
        AddKey(command.Parameters, watch);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = heldAs });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = holdAs });
        command.Parameters.Add(new NpgsqlParameter<TimeSpan> { TypedValue = next.Pause });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = next.Attempts });
        command.Parameters.Add(new NpgsqlParameter<string?> { TypedValue = next.Outcome.Name() });
        command.Parameters.Add(new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Varchar, Value = (object?)Holdable(next.Error) ?? DBNull.Value });
        command.Parameters.Add(new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Varchar, Value = (object?)Holdable(next.ListedTo) ?? DBNull.Value });
        command.Parameters.Add(new NpgsqlParameter<TimeSpan> { TypedValue = lease });
        return await command.ExecuteNonQueryAsync(cancellationToken) > 0;
    }

    /// <summary>Puts a turn off that has not begun, as a part of a transaction that brings the later one about.</summary>
    /// <param name="transaction">The transaction.</param>
    /// <param name="watch">The watch.</param>
    /// <param name="heldAs">The name under which it is held.</param>
    /// <param name="holdAs">The name under which it is held for the later turn.</param>
    /// <param name="pause">How much later that is, from now.</param>
    /// <param name="lease">How long it is held once it is due.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Whether it was held so; if not, nothing is to follow.</returns>
    /// <exception cref="NpgsqlException">The database cannot be reached.</exception>
    public static async Task<bool> PostponeAsync(
        NpgsqlTransaction transaction, WatchKey watch, string heldAs, string holdAs, TimeSpan pause, TimeSpan lease, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Sql.Text("Polling/postpone.sql"), transaction.Connection, transaction);
        AddKey(command.Parameters, watch);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = heldAs });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = holdAs });
        command.Parameters.Add(new NpgsqlParameter<TimeSpan> { TypedValue = pause });
        command.Parameters.Add(new NpgsqlParameter<TimeSpan> { TypedValue = lease });
        return await command.ExecuteNonQueryAsync(cancellationToken) > 0;
    }

    /// <summary>Hands in what polls came to and takes what is due, in one round trip and one transaction.</summary>
    /// <exception cref="NpgsqlException">The database cannot be reached; the same may be handed in again.</exception>
    public async Task<DueWatches> ExchangeAsync(WatchExchange exchange, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(new NpgsqlBatchCommand(Sql.Text("Polling/without_flush.sql")));
        AddSettlements(batch, exchange);
        batch.BatchCommands.Add(TakeDue(exchange));
        batch.BatchCommands.Add(NextDue(exchange));

        // The first result is that of the setting; settlements have none.
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        var taken = new List<Watch>();
        while (await reader.ReadAsync(cancellationToken)) taken.Add(WatchOf(reader));
        await reader.NextResultAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return new DueWatches(taken, reader.GetFieldValue<TimeSpan?>(0));
    }

    /// <summary>A tenant's watches in the order of upstream, thread and run.</summary>
    /// <param name="tenant">The tenant.</param>
    /// <param name="after">The watch after which the page begins; null for the first.</param>
    /// <param name="limit">The most watches to list.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<IReadOnlyList<WatchView>> ListAsync(TenantId tenant, WatchKey? after, int limit, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(Sql.Text("Polling/list_watches.sql"));
        foreach (var bound in (ReadOnlySpan<string>)[tenant.Value, after?.Upstream ?? "", after?.ThreadId ?? "", after?.RunId ?? ""])
            command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = bound });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = limit });
        await using var reader = await dataSource.ReadAsync(command, cancellationToken);
        var watches = new List<WatchView>();
        while (await reader.ReadAsync(cancellationToken))
            watches.Add(new WatchView(
                new WatchKey(tenant, reader.GetString(0), reader.GetString(1), reader.GetString(2)),
                reader.GetFieldValue<DateTimeOffset>(3),
                reader.GetInt32(4),
                PollOutcomes.Parse(TextOf(reader, 5)),
                TextOf(reader, 6),
                reader.GetFieldValue<DateTimeOffset>(7)));
        return watches;
    }

    private static void AddSettlements(NpgsqlBatch batch, WatchExchange exchange)
    {
        var again = exchange.Settled.Where(settled => settled.Settlement is Settlement.Again).ToList();
        if (again.Count > 0) batch.BatchCommands.Add(ScheduleNext(exchange.Owner, again));
        var done = exchange.Settled.Where(settled => settled.Settlement is Settlement.Done).Select(settled => settled.Key).ToList();
        if (done.Count > 0) batch.BatchCommands.Add(OfLeased("Polling/remove_watches.sql", exchange.Owner, done));
        var givenBack = exchange.Settled.Where(settled => settled.Settlement is Settlement.GivenBack).Select(settled => settled.Key).ToList();
        if (givenBack.Count > 0) batch.BatchCommands.Add(OfLeased("Polling/release_leases.sql", exchange.Owner, givenBack));
        if (exchange.Renewed.Count == 0) return;
        var renewal = OfLeased("Polling/renew_leases.sql", exchange.Owner, exchange.Renewed);
        renewal.Parameters.Add(new NpgsqlParameter<TimeSpan> { TypedValue = exchange.Lease });
        batch.BatchCommands.Add(renewal);
    }

    private static NpgsqlBatchCommand ScheduleNext(string owner, List<SettledWatch> settled)
    {
        var command = new NpgsqlBatchCommand(Sql.Text("Polling/schedule_next.sql"));
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = owner });
        AddKeys(command.Parameters, settled, watch => watch.Key);
        command.Parameters.Add(Columns.Of(settled, watch => Next(watch).Pause));
        command.Parameters.Add(Columns.Of(settled, watch => Next(watch).Attempts));
        command.Parameters.Add(Columns.Text(settled, watch => Next(watch).Outcome.Name()));
        command.Parameters.Add(Columns.Text(settled, watch => Holdable(Next(watch).Error)));
        command.Parameters.Add(Columns.Text(settled, watch => Holdable(Next(watch).ListedTo)));
        return command;

        static Settlement.Again Next(SettledWatch watch) => (Settlement.Again)watch.Settlement;
    }

    private static NpgsqlBatchCommand OfLeased(string path, string owner, IReadOnlyList<WatchKey> watches)
    {
        var command = new NpgsqlBatchCommand(Sql.Text(path)) { Parameters = { new NpgsqlParameter<string> { TypedValue = owner } } };
        AddKeys(command.Parameters, watches, watch => watch);
        return command;
    }

    private static NpgsqlBatchCommand TakeDue(WatchExchange exchange) => new(Sql.Text("Polling/take_due.sql"))
    {
        Parameters =
        {
            Columns.Text(exchange.Rooms, room => room.Tenant.Value),
            Columns.Text(exchange.Rooms, room => room.Upstream),
            Columns.Of(exchange.Rooms, room => room.Places),
            new NpgsqlParameter<string> { TypedValue = exchange.Owner },
            new NpgsqlParameter<TimeSpan> { TypedValue = exchange.Lease },
        },
    };

    private static NpgsqlBatchCommand NextDue(WatchExchange exchange) => new(Sql.Text("Polling/next_due.sql"))
    {
        Parameters = { Columns.Text(exchange.Rooms, room => room.Tenant.Value), Columns.Text(exchange.Rooms, room => room.Upstream) },
    };

    private static void AddKeys<T>(NpgsqlParameterCollection parameters, IReadOnlyList<T> rows, Func<T, WatchKey> key)
    {
        parameters.Add(Columns.Text(rows, row => key(row).Tenant.Value));
        parameters.Add(Columns.Text(rows, row => key(row).Upstream));
        parameters.Add(Columns.Text(rows, row => key(row).ThreadId));
        parameters.Add(Columns.Text(rows, row => key(row).RunId));
    }

    private static void AddKey(NpgsqlParameterCollection parameters, WatchKey watch)
    {
        foreach (var part in (ReadOnlySpan<string>)[watch.Tenant.Value, watch.Upstream, watch.ThreadId, watch.RunId])
            parameters.Add(new NpgsqlParameter<string> { TypedValue = part });
    }

    private static Watch WatchOf(NpgsqlDataReader row) => new(
        new WatchKey(new TenantId(row.GetString(0)), row.GetString(1), row.GetString(2), row.GetString(3)),
        row.GetTimeSpan(4),
        row.GetInt32(5),
        PollOutcomes.Parse(TextOf(row, 6)),
        TextOf(row, 7),
        row.GetTimeSpan(8));

    // An upstream may say anything, and one watch's text that no column can hold would keep all others from being settled.
    private static string? Holdable(string? text) => text is null ? null : QueryParameter.Holdable(text);

    private static string? TextOf(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);
}
