using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using RunLedger.Domain.Capture;
using RunLedger.Domain.Observations;
using RunLedger.Host.Capture;
using RunLedger.Postgres;
using RunLedger.Postgres.Embedded;
using RunLedger.Postgres.Recording;

namespace RunLedger.Bench;

/// <summary>Bulk import of a file, against COPY of the event rows that it makes.</summary>
internal static class ImportBench
{
    public static async Task RunAsync(EmbeddedPostgres server, FigureTable table, int runs)
    {
        var connection = await server.CreateDatabaseAsync("bench_import");
        var rate = await MeasureAsync(connection, static dataSource => new NpgsqlEventStore(dataSource), runs);
        await using var dataSource = NpgsqlDataSource.Create(connection);
        var limit = await Limits.CopyAsync(dataSource, 200_000);
        table.Add("(a) bulk import, 1.6 KB snapshots, against COPY of the same event rows", rate, limit, "events/s", "≥ 0.50");
    }

    /// <summary>Events a second of an import on an engine: the best of three.</summary>
    public static async Task<double> MeasureAsync(string connection, Func<NpgsqlDataSource, IEngine> engine, int runs)
    {
        await using var ledger = await Ledger.OpenAsync(
            connection, engine, new RecorderOptions { Lanes = 2 }, TimeProvider.System, NullLoggerFactory.Instance, default);
        var intake = new ObservationIntake(ledger, TimeProvider.System);
        for (var warmUp = 0; warmUp < 3; warmUp++) await ImportAsync(intake, new Workload(runs / 5, 6, 800, 20, $"warm{warmUp}"));

        var best = 0.0;
        for (var round = 0; round < 3; round++)
        {
            var before = await Limits.NumberAsync(ledger.DataSource, "select count(*) from runledger.mt_events");
            await Limits.CheckpointAsync(ledger.DataSource);
            var seconds = await ImportAsync(intake, new Workload(runs, 6, 800, 20, $"import{round}"));
            var events = await Limits.NumberAsync(ledger.DataSource, "select count(*) from runledger.mt_events") - before;
            best = Math.Max(best, events / seconds);
        }
        return best;
    }

    private static async Task<double> ImportAsync(ObservationIntake intake, Workload workload)
    {
        var path = Path.GetTempFileName();
        try
        {
            await workload.WriteAsync(path);
            await using var file = File.OpenRead(path);
            var started = Stopwatch.GetTimestamp();
            await foreach (var chunk in intake.ImportAsync(TenantId.Default, file, new CaptureOptions("import"), null, default))
                if (chunk.Counts.Recorded != chunk.Counts.Total) throw new InvalidOperationException($"Not all was recorded: {chunk.Counts}.");
            return Stopwatch.GetElapsedTime(started).TotalSeconds;
        }
        finally
        {
            File.Delete(path);
        }
    }
}
