using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using RunLedger.Postgres;
using RunLedger.Postgres.Recording;

namespace RunLedger.Contract;

/// <summary>An engine, and a database that the tests of a class share. Every test has a tenant of its own in it.</summary>
public abstract class EngineDatabase : IAsyncLifetime
{
    public string ConnectionString { get; private set; } = "";

    /// <summary>Makes the engine under test.</summary>
    public abstract IEngine Engine(NpgsqlDataSource dataSource);

    /// <summary>Opens a ledger over the database: each one is a host of its own.</summary>
    public Task<Ledger> OpenAsync(RecorderOptions? options = null) => OpenAsync(ConnectionString, options);

    /// <summary>Opens a ledger over another database.</summary>
    public Task<Ledger> OpenAsync(string connectionString, RecorderOptions? options = null) =>
        Ledger.OpenAsync(connectionString, Engine, options ?? new RecorderOptions(), TimeProvider.System, NullLoggerFactory.Instance, CancellationToken.None);

    public async Task InitializeAsync() => ConnectionString = await SharedServer.CreateDatabaseAsync();

    public Task DisposeAsync() => Task.CompletedTask;
}
