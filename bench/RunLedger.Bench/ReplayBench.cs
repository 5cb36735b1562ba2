using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using RunLedger.Postgres;
using RunLedger.Postgres.Embedded;
using RunLedger.Postgres.Recording;
using RunLedger.Postgres.Replay;

namespace RunLedger.Bench;

/// <summary>
/// The rebuild of both views by a host, against a bare COPY of the same events that the same client drains: at three sizes, so that it shows whether
/// time grows linearly, and with the most memory that the host had. Whoever else can rebuild the equivalent of a view from this database is measured
/// on it after each size.
/// </summary>
internal static class ReplayBench
{
    private const double Bound = 300e6;

    public static async Task RunAsync(EmbeddedPostgres server, FigureTable table, params IReadOnlyList<int> sizes)
    {
        var connection = await server.CreateDatabaseAsync("bench_replay");
        await using var ledger = await Ledger.OpenAsync(connection, new RecorderOptions { Lanes = 2 }, TimeProvider.System, NullLoggerFactory.Instance, default);
        foreach (var size in sizes)
        {
            await EventHistory.FillAsync(ledger, size);
            if (size == sizes[0]) await RebuildAsync(ledger); // Code that runs for the first time is compiled first.
            var events = await EventHistory.CountAsync(ledger);
            var (bare, seconds) = (await EventHistory.DrainAsync(ledger.DataSource), await RebuildAsync(ledger));
            var name = string.Create(CultureInfo.InvariantCulture, $"{events:#,0} events in {seconds:0.0} s");
            table.Add($"(f) rebuild of both views, {name}, against COPY of the events to the same client", events / seconds, events / bare, "events/s", "≥ 0.33");
            if (size == sizes[0] && await MartenDaemon.RebuildAsync(connection) is { } daemon)
                table.Add($"(f) Marten's daemon rebuilds a document a run and usage by day, in {daemon:0.0} s, against the rebuild of both views", events / daemon, events / seconds, "events/s", "");
        }
        var (peak, elapsed) = await HostProcess.RunAsync("projections", "rebuild", "runs", "usage", "--connection", connection);
        table.Add($"(f) most memory of a host that rebuilds from as many, in {elapsed.TotalSeconds:0} s", peak / 1e6, Bound / 1e6, "MB", "≤ 1.00");
    }

    private static async Task<double> RebuildAsync(Ledger ledger)
    {
        var started = Stopwatch.GetTimestamp();
        await ledger.Projections.RebuildAsync(new RebuildTarget(true, true, ViewVersions.OfThisProgram, []), _ => { }, CancellationToken.None);
        return Stopwatch.GetElapsedTime(started).TotalSeconds;
    }
}
