using RunLedger.Postgres.Embedded;
using Xunit.Abstractions;
using Xunit.Sdk;

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

    internal static void Stop()
    {
        if (Server.IsValueCreated) Server.Value.Result.DisposeAsync().AsTask().Wait();
    }
}

/// <summary>Stops the shared server when the last test is done. Named in the TestFramework attribute of the assembly that has the tests.</summary>
public sealed class SharedServerFramework : XunitTestFramework
{
    public SharedServerFramework(IMessageSink messages)
        : base(messages) => DisposalTracker.Add(new End());

    private sealed class End : IDisposable
    {
        public void Dispose() => SharedServer.Stop();
    }
}
