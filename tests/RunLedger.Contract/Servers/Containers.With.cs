using Testcontainers.PostgreSql;

namespace RunLedger.Contract.Servers;

/// <summary>PostgreSQL in a container, in builds with Testcontainers (<c>-p:CritterStack=true</c>): the other file is compiled without.</summary>
internal static class Containers
{
    /// <summary>Starts a container; gives null where no Docker runs.</summary>
    public static async Task<TestServer?> StartAsync()
    {
        if (Environment.GetEnvironmentVariable("DOCKER_HOST") is not { Length: > 0 } && !File.Exists("/var/run/docker.sock")) return null;
        var container = new PostgreSqlBuilder("postgres:17").WithCommand("-c", "max_connections=300").Build();
        await container.StartAsync();
        return new TestServer(container.GetConnectionString(), IsLasting: false, container);
    }
}
