using System.Diagnostics;

namespace RunLedger.Contract.Hosts;

/// <summary>Another process that rebuilds both views, to be killed.</summary>
internal sealed class RebuildingHost : IDisposable
{
    public const string ConnectionVariable = "RUNLEDGER_TEST_REBUILD";

    private readonly Process _process;

    private RebuildingHost(Process process) => _process = process;

    /// <summary>Whether it has come to its end by itself.</summary>
    public bool HasEnded => _process.HasExited;

    public static RebuildingHost Start(EngineDatabase database, string connectionString) =>
        new(Process.Start(new ProcessStartInfo(Environment.ProcessPath!, ["exec", database.GetType().Assembly.Location])
        {
            Environment =
            {
                ["DOTNET_STARTUP_HOOKS"] = typeof(RebuildingHost).Assembly.Location,
                [ConnectionVariable] = connectionString,
                [IngestingHost.EngineVariable] = database.GetType().AssemblyQualifiedName,
            },
        })!);

    /// <summary>Kills it, as `kill -9` does.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    public void Dispose()
    {
        if (!_process.HasExited) _process.Kill();
        _process.Dispose();
    }

    /// <summary>What the other process does, until it is killed.</summary>
    public static async Task RebuildAsync(EngineDatabase database, string connectionString)
    {
        await using var ledger = await database.OpenAsync(connectionString);
        await ledger.Projections.RebuildAsync(RebuiltLedger.Both, _ => { }, CancellationToken.None, RebuiltLedger.Tight);
        Environment.Exit(0);
    }
}
