using Microsoft.Extensions.Logging.Abstractions;
using RunLedger.Domain.Capture;
using RunLedger.Domain.Observations;
using RunLedger.Host.Capture;
using RunLedger.Postgres;
using RunLedger.Postgres.Embedded;
using RunLedger.Postgres.Recording;

namespace RunLedger.Bench;

/// <summary>Bytes stored against bytes observed: 4 KB of instructions and tools, each run with its own, and 12 polls of each.</summary>
internal static class StorageBench
{
    public static async Task RunAsync(EmbeddedPostgres server, FigureTable table, int runs)
    {
        foreach (var (assistants, what) in new[] { (runs, "each its own"), (50, "shared by 50 assistants") })
        {
            var connection = await server.CreateDatabaseAsync($"bench_storage_{assistants}");
            await using var ledger = await Ledger.OpenAsync(connection, new RecorderOptions { Lanes = 2 }, TimeProvider.System, NullLoggerFactory.Instance, default);
            var before = await Measuring.NumberAsync(ledger.DataSource, "select pg_database_size(current_database())");
            var workload = new Workload(runs, 12, 4_096, assistants, "storage");
            var path = Path.GetTempFileName();
            var observed = await workload.WriteAsync(path);
            await using (var file = File.OpenRead(path))
            {
                await foreach (var chunk in new ObservationIntake(ledger, TimeProvider.System).ImportAsync(TenantId.Default, file, new CaptureOptions("import"), null, default))
                    if (chunk.Counts.Recorded + chunk.Counts.Unchanged != chunk.Counts.Total) throw new InvalidOperationException($"Not all was recorded: {chunk.Counts}.");
            }
            File.Delete(path);
            await Measuring.NumberAsync(ledger.DataSource, "checkpoint; select 1");
            var stored = await Measuring.NumberAsync(ledger.DataSource, "select pg_database_size(current_database())") - before;
            table.Add($"(d) bytes stored a run, indexes included, against bytes observed; configuration {what}", stored / (double)runs, observed / (double)runs, "bytes", "≤ 0.30");
        }
    }
}
