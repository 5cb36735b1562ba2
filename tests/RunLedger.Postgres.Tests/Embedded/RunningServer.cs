using RunLedger.Postgres.Embedded;

namespace RunLedger.Postgres.Tests.Embedded;

/// <summary>A server that the tests of a class share.</summary>
public sealed class RunningServer : IAsyncLifetime
{
    public EmbeddedPostgres Postgres { get; private set; } = null!;

    public string DataDirectory => Path.GetDirectoryName(Postgres.LogFile)!;

    public async Task InitializeAsync() => Postgres = await EmbeddedPostgres.StartTemporaryAsync(EmbeddedPostgresTests.Small);

    public async Task DisposeAsync() => await Postgres.DisposeAsync();
}
