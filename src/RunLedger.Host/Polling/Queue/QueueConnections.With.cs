using Npgsql;

namespace RunLedger.Host.Polling.Queue;

/// <summary>
/// The connections over which messages are kept. Their commits are not waited for to be on disk: a crash of PostgreSQL forgets the end of all of
/// them together, so that a message is back whose outcome was forgotten, and a poll is made once more.
/// </summary>
public sealed class QueueConnections(NpgsqlDataSource dataSource) : IAsyncDisposable, IDisposable
{
    /// <summary>The connections.</summary>
    public NpgsqlDataSource DataSource => dataSource;

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => dataSource.DisposeAsync();

    /// <inheritdoc/>
    public void Dispose() => dataSource.Dispose();
}
