using System.Diagnostics;
using System.Globalization;
using RunLedger.Postgres.Replay;

namespace RunLedger.Contract.Hosts;

/// <summary>Another process that rebuilds both views, to be killed.</summary>
internal sealed class RebuildingHost : IDisposable
{
    public const string ConnectionVariable = "RUNLEDGER_TEST_REBUILD";

    private const string PhaseVariable = "RUNLEDGER_TEST_REBUILD_PHASE";
    private const string PartVariable = "RUNLEDGER_TEST_REBUILD_PART";
    private const string Held = "held";

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly Process _process;

    private RebuildingHost(Process process) => _process = process;

    /// <summary>Starts it; where its rebuild has come to a part of a phase, it goes no further.</summary>
    public static RebuildingHost Start(EngineDatabase database, string connectionString, string phase, double part) =>
        new(Process.Start(new ProcessStartInfo(Environment.ProcessPath!, ["exec", database.GetType().Assembly.Location])
        {
            Environment =
            {
                ["DOTNET_STARTUP_HOOKS"] = typeof(RebuildingHost).Assembly.Location,
                [ConnectionVariable] = connectionString,
                [PhaseVariable] = phase,
                [PartVariable] = part.ToString(CultureInfo.InvariantCulture),
                [IngestingHost.EngineVariable] = database.GetType().AssemblyQualifiedName,
            },
            RedirectStandardOutput = true,
        })!);

    /// <summary>Waits until its rebuild is where it goes no further.</summary>
    public async Task IsHeldAsync()
    {
        using var limit = new CancellationTokenSource(Limit);
        while (await _process.StandardOutput.ReadLineAsync(limit.Token) is { } line)
            if (line == Held) return;
        throw new InvalidOperationException("The rebuild came to its end.");
    }

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
        var (phase, part) = (Environment.GetEnvironmentVariable(PhaseVariable), double.Parse(Environment.GetEnvironmentVariable(PartVariable)!, CultureInfo.InvariantCulture));
        await ledger.Projections.RebuildAsync(RebuiltLedger.Both, tell: HoldAt, CancellationToken.None, RebuiltLedger.Tight);
        Environment.Exit(0);

        void HoldAt(RebuildProgress progress)
        {
            if (progress.Phase != phase || progress.Part < part) return;
            Console.WriteLine(Held);
            Thread.Sleep(Timeout.Infinite);
        }
    }
}
