using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using RunLedger.Domain.Capture;
using RunLedger.Domain.Observations;
using RunLedger.Host.Capture;
using RunLedger.Postgres;
using RunLedger.Postgres.Recording;

namespace RunLedger.Bench;

/// <summary>A ledger, into which files are imported.</summary>
internal sealed class ImportLoad : IAsyncDisposable
{
    private readonly Ledger _ledger;
    private readonly ObservationIntake _intake;
    private readonly int _runs;
    private int _workloads;

    private ImportLoad(Ledger ledger, int runs)
    {
        _ledger = ledger;
        _intake = new ObservationIntake(ledger, TimeProvider.System);
        _runs = runs;
    }

    /// <summary>Opens a ledger on an engine and warms up.</summary>
    public static async Task<ImportLoad> OpenAsync(string connection, Func<NpgsqlDataSource, IEngine> engine, int runs)
    {
        var options = new RecorderOptions { Lanes = 2 };
        var load = new ImportLoad(await Ledger.OpenAsync(connection, engine, options, TimeProvider.System, NullLoggerFactory.Instance, default), runs);
        for (var warmUp = 0; warmUp < 3; warmUp++) await load.ImportAsync(runs / 2);
        return load;
    }

    /// <summary>Imports a file of new runs: events a second.</summary>
    public async Task<double> RateAsync()
    {
        var before = await EventsAsync();
        await Measuring.CheckpointAsync(_ledger.DataSource);
        var seconds = await ImportAsync(_runs);
        return (await EventsAsync() - before) / seconds;
    }

    public ValueTask DisposeAsync() => _ledger.DisposeAsync();

    private async Task<double> ImportAsync(int runs)
    {
        var path = Path.GetTempFileName();
        try
        {
            await new Workload(runs, Workload.ChangesPerRun, 800, 20, $"import{_workloads++}_").WriteAsync(path);
            await using var file = File.OpenRead(path);
            var started = Stopwatch.GetTimestamp();
            await foreach (var chunk in _intake.ImportAsync(TenantId.Default, file, new CaptureOptions("import"), null, default))
                if (chunk.Counts.Recorded != chunk.Counts.Total) throw new InvalidOperationException($"Not all was recorded: {chunk.Counts}.");
            return Stopwatch.GetElapsedTime(started).TotalSeconds;
        }
        finally
        {
            File.Delete(path);
        }
    }

    private Task<long> EventsAsync() => Measuring.NumberAsync(_ledger.DataSource, "select count(*) from runledger.mt_events");
}
