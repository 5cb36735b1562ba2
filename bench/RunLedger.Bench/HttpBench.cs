using Npgsql;
using RunLedger.Postgres.Embedded;

namespace RunLedger.Bench;

/// <summary>One observation a request, each answered after its commit: from 64 clients against COPY, from one against a bare INSERT.</summary>
internal static class HttpBench
{
    private const int Turns = 15;
    private const int LoneRequests = 1_500;

    public static async Task RunAsync(EmbeddedPostgres server, FigureTable table, int runsPerClient)
    {
        var connection = await server.CreateDatabaseAsync("bench_http");
        await using var load = await HttpLoad.StartAsync(connection, "npgsql", runsPerClient);
        await using var dataSource = NpgsqlDataSource.Create(connection);
        var copy = await CopyLimit.OfAsync(dataSource, HttpLoad.Clients * runsPerClient * Workload.EventsPerRun);
        await using var insert = await InsertLimit.OnAsync(dataSource);

        var (many, lone) = (new List<Turn>(), new List<Turn>());
        for (var turn = 0; turn < Turns; turn++)
        {
            many.Add(new Turn(await load.RateAsync(), await copy.RateAsync()));
            lone.Add(new Turn(load.LoneMedian(LoneRequests), await insert.MedianAsync(LoneRequests)));
        }
        table.Add("(b) one observation a request, 64 clients, against COPY of the same event rows", many, "events/s", "≥ 0.17");
        table.Add("(b) one observation a request, a lone client, median, against a bare INSERT and COMMIT", lone, "ms", "≤ 3.00");
    }
}
