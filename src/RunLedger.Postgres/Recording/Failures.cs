using Npgsql;

namespace RunLedger.Postgres.Recording;

/// <summary>Tells apart why the database refused something, by SQLSTATE (PostgreSQL manual, appendix A).</summary>
internal static class Failures
{
    /// <summary>Whether the same may succeed later: no connection, a server that stops or starts, a deadlock, no room.</summary>
    public static bool MayPass(NpgsqlException failure) => failure is not PostgresException { SqlState: var state }
        || failure.IsTransient
        || state is PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown or PostgresErrorCodes.CannotConnectNow or PostgresErrorCodes.DiskFull;

    /// <summary>Whether the values themselves were refused: class 22, data exception; class 23, integrity; class 54, limit exceeded.</summary>
    public static bool IsOfTheData(PostgresException failure) =>
        failure.SqlState.StartsWith("22", StringComparison.Ordinal)
        || failure.SqlState.StartsWith("23", StringComparison.Ordinal)
        || failure.SqlState.StartsWith("54", StringComparison.Ordinal);

    /// <summary>How long to wait before the next attempt: doubling from 20 ms to a second.</summary>
    public static TimeSpan Pause(int attempt) => TimeSpan.FromMilliseconds(Math.Min(1_000, 10 * Math.Pow(2, attempt)));
}
