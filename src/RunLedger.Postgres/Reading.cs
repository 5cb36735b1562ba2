using Npgsql;

namespace RunLedger.Postgres;

/// <summary>Executes queries of the readers.</summary>
internal static class Reading
{
    /// <summary>
    /// Executes a query that the data source made. After the server restarted every pooled connection is dead, which shows at its next use: the query is sent
    /// once more then, over a new one.
    /// </summary>
    public static async Task<NpgsqlDataReader> ReadAsync(this NpgsqlDataSource dataSource, NpgsqlCommand query, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested(); // Npgsql looks first whether the data source is disposed, as it is where the reader is to end with it.
        try
        {
            return await query.ExecuteReaderAsync(cancellationToken);
        }
        catch (NpgsqlException dead) when (IsDeadConnection(dead))
        {
            dataSource.Clear();
            await using var again = dataSource.Copy(query);
            return await again.ExecuteReaderAsync(cancellationToken);
        }
    }

    /// <summary>Does work that reads, or that may be done twice, on connections of the data source: once more, over new ones, if these were dead.</summary>
    public static async Task<T> OnLiveConnectionsAsync<T>(this NpgsqlDataSource dataSource, Func<Task<T>> work)
    {
        try
        {
            return await work();
        }
        catch (NpgsqlException dead) when (IsDeadConnection(dead))
        {
            dataSource.Clear();
            return await work();
        }
    }

    // A command that was executed believes in the statements that its connection had prepared.
    private static NpgsqlCommand Copy(this NpgsqlDataSource dataSource, NpgsqlCommand query)
    {
        var copy = dataSource.CreateCommand(query.CommandText);
        foreach (NpgsqlParameter parameter in query.Parameters) copy.Parameters.Add(parameter.Clone());
        return copy;
    }

    private static bool IsDeadConnection(NpgsqlException failure) => failure is PostgresException refused
        ? refused.SqlState is PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown
        : failure.InnerException is IOException;
}
