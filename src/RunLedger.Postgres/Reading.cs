using Npgsql;

namespace RunLedger.Postgres;

/// <summary>Executes queries of the readers.</summary>
internal static class Reading
{
    /// <summary>
    /// Executes a query. After the server restarted every pooled connection is dead, which shows at its next use: the query is sent once more then,
    /// over another one.
    /// </summary>
    public static async Task<NpgsqlDataReader> ReadAsync(this NpgsqlCommand query, CancellationToken cancellationToken)
    {
        try
        {
            return await query.ExecuteReaderAsync(cancellationToken);
        }
        catch (NpgsqlException dead) when (IsDeadConnection(dead))
        {
            return await query.ExecuteReaderAsync(cancellationToken);
        }
    }

    private static bool IsDeadConnection(NpgsqlException failure) => failure is PostgresException refused
        ? refused.SqlState is PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown
        : failure.InnerException is IOException;
}
