using Npgsql;
using RunLedger.Postgres.Embedded;
using RunLedger.Postgres.Recording;

namespace RunLedger.Bench;

/// <summary>Bulk import of a file, against COPY of the event rows that it makes.</summary>
internal static class ImportBench
{
    private const int Turns = 7;

    public static async Task RunAsync(EmbeddedPostgres server, FigureTable table, int runs)
    {
        var connection = await server.CreateDatabaseAsync("bench_import");
        await using var load = await ImportLoad.OpenAsync(connection, static dataSource => new NpgsqlEventStore(dataSource), runs);
        await using var dataSource = NpgsqlDataSource.Create(connection);
        var copy = await CopyLimit.OfAsync(dataSource, runs * Workload.EventsPerRun);

        var turns = new List<Turn>();
        for (var turn = 0; turn < Turns; turn++) turns.Add(new Turn(await load.RateAsync(), await copy.RateAsync()));
        table.Add("(a) bulk import, 1.6 KB snapshots, against COPY of the same event rows", turns, "events/s", "≥ 0.50");
    }
}
