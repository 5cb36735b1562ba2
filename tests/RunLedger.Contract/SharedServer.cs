using Npgsql;
using RunLedger.Contract.Servers;
using RunLedger.Postgres.Embedded;

namespace RunLedger.Contract;

/// <summary>
/// The PostgreSQL server that all tests of an assembly share; each class has a database of its own there. It is the one that
/// <c>RUNLEDGER_TEST_CONNECTION</c> names; else a container, in builds with Testcontainers where Docker runs; else an embedded PostgreSQL.
/// </summary>
public static class SharedServer
{
    /// <summary>Names a server to run the tests on; its role must be a superuser.</summary>
    public const string ConnectionVariable = "RUNLEDGER_TEST_CONNECTION";

    /// <summary>Little memory, full durability.</summary>
    public static readonly EmbeddedPostgresOptions Small = new() { Settings = new Dictionary<string, string> { ["shared_buffers"] = "64MB" } };

    private static readonly string Prefix = $"contract_{Guid.NewGuid():n}";
    private static readonly Lazy<Task<TestServer>> Server = new(StartAsync);
    private static int _databases;

    /// <summary>Creates an empty database and gives its connection string.</summary>
    public static async Task<string> CreateDatabaseAsync()
    {
        var (server, name) = ((await Server.Value).ConnectionString, $"{Prefix}_{Interlocked.Increment(ref _databases)}");
        await ExecuteAsync(server, $"create database {name}");
        return new NpgsqlConnectionStringBuilder(server) { Database = name }.ConnectionString;
    }

    internal static async Task StopAsync()
    {
        if (!Server.IsValueCreated) return;
        await using var server = await Server.Value;
        if (!server.IsLasting) return;
        NpgsqlConnection.ClearAllPools();
        for (var database = 1; database <= _databases; database++) await ExecuteAsync(server.ConnectionString, $"drop database {Prefix}_{database} with (force)");
    }

    private static async Task<TestServer> StartAsync()
    {
        if (Environment.GetEnvironmentVariable(ConnectionVariable) is { Length: > 0 } given) return new TestServer(given, IsLasting: true, Stop: null);
        if (await Containers.StartAsync() is { } container) return container;
        var embedded = await EmbeddedPostgres.StartTemporaryAsync(Small);
        return new TestServer(embedded.ConnectionString, IsLasting: false, embedded);
    }

    private static async Task ExecuteAsync(string server, string sql)
    {
        await using var dataSource = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(server) { Pooling = false });
        await dataSource.ExecuteAsync(sql);
    }
}
