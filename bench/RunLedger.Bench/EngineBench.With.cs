using Npgsql;
using RunLedger.Marten;
using RunLedger.Postgres.Embedded;
using RunLedger.Postgres.Recording;

namespace RunLedger.Bench;

/// <summary>Both engines side by side, and plain Marten used the ordinary way as their peer.</summary>
internal static class EngineBench
{
    private const string None = "";

    public static async Task RunAsync(EmbeddedPostgres server, FigureTable table, int runs, int runsPerClient, int rounds)
    {
        var npgsqlImport = await ImportBench.MeasureAsync(await server.CreateDatabaseAsync("engine_import_npgsql"), Npgsql, runs);
        var martenImport = await ImportBench.MeasureAsync(await server.CreateDatabaseAsync("engine_import_marten"), Marten, runs);
        table.Add("(g) bulk import, Marten engine against Npgsql engine", martenImport, npgsqlImport, "events/s", None);

        var npgsqlHttp = await HttpBench.MeasureAsync(await server.CreateDatabaseAsync("engine_http_npgsql"), "npgsql", runsPerClient);
        var martenHttp = await HttpBench.MeasureAsync(await server.CreateDatabaseAsync("engine_http_marten"), "marten", runsPerClient);
        table.Add("(g) one observation a request, 64 clients, Marten engine against Npgsql engine", martenHttp.Rate, npgsqlHttp.Rate, "events/s", None);
        table.Add("(g) one observation a request, a lone client, median, Marten engine against Npgsql engine", martenHttp.Lone, npgsqlHttp.Lone, "ms", None);

        var npgsqlPolls = await PollBench.MeasureAsync(await server.CreateDatabaseAsync("engine_polls_npgsql"), "npgsql", rounds);
        var martenPolls = await PollBench.MeasureAsync(await server.CreateDatabaseAsync("engine_polls_marten"), "marten", rounds);
        table.Add("(g) polls that show something new, Marten engine against Npgsql engine", martenPolls.Recorded, npgsqlPolls.Recorded, "observations/s", None);
        table.Add("(g) polls that show nothing new, Marten engine against Npgsql engine", martenPolls.Unchanged, npgsqlPolls.Unchanged, "observations/s", None);

        var plain = await PlainMarten.MeasureAsync(await server.CreateDatabaseAsync("engine_plain"), clients: 64, runsPerClient);
        table.Add("(g) plain Marten, a session a snapshot, inline projection, 64 clients without HTTP, against the Marten engine's", plain.Rate, martenHttp.Rate, "events/s", None);
        table.Add("(g) plain Marten, a lone client without HTTP, median, against the Marten engine's", plain.Lone, martenHttp.Lone, "ms", None);
    }

    private static IEngine Npgsql(NpgsqlDataSource dataSource) => new NpgsqlEventStore(dataSource);

    private static IEngine Marten(NpgsqlDataSource dataSource) => new MartenEventStore(dataSource);
}
