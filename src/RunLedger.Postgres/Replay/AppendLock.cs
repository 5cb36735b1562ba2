using Npgsql;

namespace RunLedger.Postgres.Replay;

/// <summary>Keeps all appends waiting for a moment.</summary>
internal static class AppendLock
{
    /// <summary>Takes the lock for the transaction that the connection is in.</summary>
    /// <exception cref="PostgresException">An append holds its locks for too long (SQLSTATE 55P03); nobody is kept waiting any more.</exception>
    public static async Task TakeAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Sql.Text("Replay/lock_appends.sql"), connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
