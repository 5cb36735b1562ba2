using System.Data;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace RunLedger.Postgres.Replay;

/// <summary>A lock that one connection of all hosts holds; it goes with the connection, however that ends.</summary>
internal sealed class SessionLock : IAsyncDisposable
{
    /// <summary>The lock of whoever rebuilds views; <c>read_rebuild.sql</c> looks for it.</summary>
    public const string Rebuild = "runledger.rebuild";

    /// <summary>The lock of whoever verifies views because it is time to.</summary>
    public const string Verification = "runledger.verification";

    private readonly string _name;
    private readonly ILogger _logger;

    private SessionLock(string name, NpgsqlConnection connection, ILogger logger) => (_name, Connection, _logger) = (name, connection, logger);

    /// <summary>The connection that holds the lock.</summary>
    public NpgsqlConnection Connection { get; }

    /// <summary>Takes the lock; null if somebody holds it.</summary>
    public static async Task<SessionLock?> TryTakeAsync(NpgsqlDataSource dataSource, string name, ILogger logger, CancellationToken cancellationToken)
    {
        var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        var isTaken = false;
        try
        {
            isTaken = await connection.AskAsync("Replay/try_session_lock.sql", [QueryParameter.Text(name)], row => row.GetBoolean(0), cancellationToken);
            return isTaken ? new SessionLock(name, connection, logger) : null;
        }
        finally
        {
            if (!isTaken) await connection.DisposeAsync();
        }
    }

    /// <summary>Lets go of it.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            if (Connection.State == ConnectionState.Open) await Connection.ExecuteAsync("Replay/unlock_session.sql", [QueryParameter.Text(_name)], CancellationToken.None);
        }
        catch (NpgsqlException broken)
        {
            _logger.LogDebug("The connection that held {Lock} has taken it along: {Reason}", _name, broken.Message);
        }
        await Connection.DisposeAsync();
    }
}
