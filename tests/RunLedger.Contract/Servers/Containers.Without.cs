namespace RunLedger.Contract.Servers;

/// <summary>PostgreSQL in a container, in builds without Testcontainers: there is none.</summary>
internal static class Containers
{
    /// <summary>Starts a container; gives null.</summary>
    public static Task<TestServer?> StartAsync() => Task.FromResult<TestServer?>(null);
}
