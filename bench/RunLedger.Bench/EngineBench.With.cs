using Npgsql;
using RunLedger.Marten;
using RunLedger.Postgres.Embedded;
using RunLedger.Postgres.Recording;

namespace RunLedger.Bench;

/// <summary>Both engines side by side, and plain Marten used the ordinary way as their peer.</summary>
internal static class EngineBench
{
    private const string None = "";
    private const int Turns = 5;
    private const int LoneRequests = 1_500;

    public static async Task RunAsync(EmbeddedPostgres server, FigureTable table, int runs, int runsPerClient, int rounds)
    {
        await using (var npgsql = await ImportLoad.OpenAsync(await server.CreateDatabaseAsync("engine_import_npgsql"), Npgsql, runs))
        await using (var marten = await ImportLoad.OpenAsync(await server.CreateDatabaseAsync("engine_import_marten"), Marten, runs))
        {
            var turns = new List<Turn>();
            for (var turn = 0; turn < Turns; turn++) turns.Add(new Turn(await marten.RateAsync(), await npgsql.RateAsync()));
            table.Add("(g) bulk import, Marten engine against Npgsql engine", turns, "events/s", None);
        }

        var martenHttp = await HttpAsync(server, table, runsPerClient);

        var npgsqlPolls = await PollBench.MeasureAsync(await server.CreateDatabaseAsync("engine_polls_npgsql"), "npgsql", rounds);
        var martenPolls = await PollBench.MeasureAsync(await server.CreateDatabaseAsync("engine_polls_marten"), "marten", rounds);
        table.Add("(g) polls that show something new, Marten engine against Npgsql engine", martenPolls.Recorded, npgsqlPolls.Recorded, "observations/s", None);
        table.Add("(g) polls that show nothing new, Marten engine against Npgsql engine", martenPolls.Unchanged, npgsqlPolls.Unchanged, "observations/s", None);

        var plain = await PlainMarten.MeasureAsync(await server.CreateDatabaseAsync("engine_plain"), clients: 64, runsPerClient);
        table.Add("(g) plain Marten, a session a snapshot, inline projection, 64 clients without HTTP, against the Marten engine's", plain.Rate, martenHttp.Rate, "events/s", None);
        table.Add("(g) plain Marten, a lone client without HTTP, median, against the Marten engine's", plain.Lone, martenHttp.Lone, "ms", None);
    }

    // Gives the Marten engine's middle figures.
    private static async Task<(double Rate, double Lone)> HttpAsync(EmbeddedPostgres server, FigureTable table, int runsPerClient)
    {
        await using var npgsql = await HttpLoad.StartAsync(await server.CreateDatabaseAsync("engine_http_npgsql"), "npgsql", runsPerClient);
        await using var marten = await HttpLoad.StartAsync(await server.CreateDatabaseAsync("engine_http_marten"), "marten", runsPerClient);
        var (many, lone) = (new List<Turn>(), new List<Turn>());
        for (var turn = 0; turn < Turns; turn++)
        {
            many.Add(new Turn(await marten.RateAsync(), await npgsql.RateAsync()));
            lone.Add(new Turn(marten.LoneMedian(LoneRequests), npgsql.LoneMedian(LoneRequests)));
        }
        table.Add("(g) one observation a request, 64 clients, Marten engine against Npgsql engine", many, "events/s", None);
        table.Add("(g) one observation a request, a lone client, median, Marten engine against Npgsql engine", lone, "ms", None);
        return (Measuring.Median(many.Select(turn => turn.Figure)), Measuring.Median(lone.Select(turn => turn.Figure)));
    }

    private static IEngine Npgsql(NpgsqlDataSource dataSource) => new NpgsqlEventStore(dataSource);

    private static IEngine Marten(NpgsqlDataSource dataSource) => new MartenEventStore(dataSource);
}
