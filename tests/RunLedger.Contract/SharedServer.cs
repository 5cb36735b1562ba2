using RunLedger.Postgres.Embedded;

namespace RunLedger.Contract;

/// <summary>The PostgreSQL server that all tests of an assembly share; each class has a database of its own there.</summary>
public static class SharedServer
{
    /// <summary>Little memory, full durability.</summary>
    public static readonly EmbeddedPostgresOptions Small = new() { Settings = new Dictionary<string, string> { ["shared_buffers"] = "64MB" } };

    private static readonly Lazy<Task<EmbeddedPostgres>> Server = new(() => EmbeddedPostgres.StartTemporaryAsync(Small));
    private static int _databases;

    /// <summary>Creates an empty database and gives its connection string.</summary>
    public static async Task<string> CreateDatabaseAsync() =>
        await (await Server.Value).CreateDatabaseAsync($"contract_{Interlocked.Increment(ref _databases)}");

    internal static async Task StopAsync()
    {
        if (Server.IsValueCreated) await (await Server.Value).DisposeAsync();
    }
}
