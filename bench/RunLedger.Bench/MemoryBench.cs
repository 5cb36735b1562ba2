using RunLedger.Postgres.Embedded;

namespace RunLedger.Bench;

/// <summary>The most memory that the host has while it imports a large file.</summary>
internal static class MemoryBench
{
    private const double Bound = 300e6;

    public static async Task RunAsync(EmbeddedPostgres server, FigureTable table, long bytes)
    {
        var connection = await server.CreateDatabaseAsync("bench_memory");
        var path = Path.GetTempFileName();
        try
        {
            var sample = new Workload(1, 6, 800, 20, "memory").Envelopes().Sum(envelope => envelope.Length + 1);
            var written = await new Workload((int)(bytes / sample), 6, 800, 20, "memory").WriteAsync(path);
            var (peak, elapsed) = await HostProcess.RunAsync("import", path, "--connection", connection);
            table.Add($"(e) most memory while importing {written / 1e6:0} MB in {elapsed.TotalSeconds:0} s", peak / 1e6, Bound / 1e6, "MB", "≤ 1.00");
        }
        finally
        {
            File.Delete(path);
        }
    }
}
