using Npgsql;
using RunLedger.Domain.Quarantine;
using RunLedger.Domain.Runs;
using RunLedger.Postgres.Recording;

namespace RunLedger.Postgres.Quarantine;

/// <summary>
/// Messages that Wolverine has given up, or cannot read, on their way from its tables to quarantine. Each is moved once, however many hosts do it: what one
/// looks at is locked, others pass over it, and it is in quarantine when it is gone from there.
/// </summary>
public sealed class DeadLetterStore(NpgsqlDataSource dataSource)
{
    /// <summary>Moves some of Wolverine's dead letters, oldest first.</summary>
    /// <param name="settle">What a letter leaves in quarantine; null for nothing. It is deleted either way.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>How many were moved.</returns>
    /// <exception cref="NpgsqlException">The database cannot be reached, or refuses; the same letters come again.</exception>
    public Task<int> MoveDeadAsync(Func<DeadLetter, CancellationToken, Task<QuarantinedItem?>> settle, CancellationToken cancellationToken) =>
        MoveAsync("take_dead_letters", "delete_dead_letters", async letter => (true, await settle(letter, cancellationToken)), cancellationToken);

    /// <summary>
    /// Moves messages that a host should have taken long ago, but cannot read. Wolverine takes many at a time, and none if one of them is unreadable.
    /// </summary>
    /// <param name="refuse">What an unreadable one leaves in quarantine; null if it can be read: then it stays.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>How many were moved.</returns>
    /// <exception cref="NpgsqlException">The database cannot be reached, or refuses; the same messages come again.</exception>
    public Task<int> MoveUnreadableAsync(Func<DeadLetter, QuarantinedItem?> refuse, CancellationToken cancellationToken) => MoveAsync(
        "take_late_messages",
        "delete_messages",
        letter =>
        {
            var item = refuse(letter);
            return Task.FromResult((item is not null, item));
        },
        cancellationToken);

    private async Task<int> MoveAsync(
        string take, string delete, Func<DeadLetter, Task<(bool IsGone, QuarantinedItem? Item)>> settle, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var (gone, kept) = (new List<DeadLetter>(), new List<QuarantinedItem>());
        foreach (var letter in await TakeAsync(connection, take, cancellationToken))
        {
            var (isGone, item) = await settle(letter);
            if (isGone) gone.Add(letter);
            if (item is not null) kept.Add(item);
        }
        if (gone.Count == 0) return 0;
        await using var batch = new NpgsqlBatch(connection, transaction);
        if (kept.Count > 0) batch.BatchCommands.Add(ViewStatements.Quarantine(kept));
        batch.BatchCommands.Add(new NpgsqlBatchCommand(Sql.Text($"Quarantine/{delete}.sql")) { Parameters = { Columns.Of(gone, letter => letter.Id) } });
        await batch.ExecuteNonQueryAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        foreach (var _ in kept) RecordingMetrics.Count(Outcome.Quarantined);
        return gone.Count;
    }

    private static async Task<List<DeadLetter>> TakeAsync(NpgsqlConnection connection, string take, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Sql.Text($"Quarantine/{take}.sql"), connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var letters = new List<DeadLetter>();
        while (await reader.ReadAsync(cancellationToken))
            letters.Add(new DeadLetter(
                reader.GetGuid(0),
                reader.GetString(1),
                reader.GetFieldValue<byte[]>(2),
                reader.GetString(3),
                reader.GetFieldValue<DateTimeOffset>(4)));
        return letters;
    }
}

/// <summary>A message in Wolverine's tables.</summary>
/// <param name="Id">Its id.</param>
/// <param name="MessageType">Wolverine's name of what it is.</param>
/// <param name="Body">The message in its envelope, as Wolverine writes it.</param>
/// <param name="Failure">Why it was given up; empty if it was not.</param>
/// <param name="SentAt">When it was sent, or was to be taken. UTC.</param>
public sealed record DeadLetter(Guid Id, string MessageType, byte[] Body, string Failure, DateTimeOffset SentAt);
