using Npgsql;

namespace RunLedger.Postgres.Recording;

/// <summary>Tells apart why the database refused something, by SQLSTATE (PostgreSQL manual, appendix A).</summary>
public static class Failures
{
    /// <summary>Whether the same may succeed later: no connection, a server that stops, starts or is a standby yet, a deadlock, a cancelled statement, no room.</summary>
    public static bool MayPass(NpgsqlException failure) => failure is not PostgresException { SqlState: var state }
        || failure.IsTransient
        || state is PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown or PostgresErrorCodes.CannotConnectNow or PostgresErrorCodes.DiskFull
            or PostgresErrorCodes.QueryCanceled or PostgresErrorCodes.ReadOnlySqlTransaction;

    /// <summary>
    /// Whether the values themselves were refused: class 22, data exception; a check constraint; class 54, limit exceeded; or they could not even
    /// be decided on or sent. A violated key is no such case: it would be the ledger's own, and refuse whatever comes.
    /// </summary>
    public static bool IsOfTheData(Exception failure) => failure is PostgresException { SqlState: var state }
        ? state.StartsWith("22", StringComparison.Ordinal) || state.StartsWith("54", StringComparison.Ordinal) || state == PostgresErrorCodes.CheckViolation
        : failure is ArgumentException or OverflowException;

    /// <summary>How long to wait before the next attempt: doubling from 20 ms to a second.</summary>
    internal static TimeSpan Pause(int attempt) => TimeSpan.FromMilliseconds(Math.Min(1_000, 10 * Math.Pow(2, attempt)));
}
