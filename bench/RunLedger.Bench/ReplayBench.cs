using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using RunLedger.Domain.Capture;
using RunLedger.Domain.Observations;
using RunLedger.Host.Capture;
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
    private const int EventsOfRun = 7;
    private const int LargestImport = 100_000;
    private const double Bound = 300e6;

    public static async Task RunAsync(EmbeddedPostgres server, FigureTable table, params IReadOnlyList<int> sizes)
    {
        var connection = await server.CreateDatabaseAsync("bench_replay");
        await using var ledger = await Ledger.OpenAsync(connection, new RecorderOptions { Lanes = 2 }, TimeProvider.System, NullLoggerFactory.Instance, default);
        foreach (var size in sizes)
        {
            await FillAsync(ledger, size);
            if (size == sizes[0]) await RebuildAsync(ledger); // Code that runs for the first time is compiled first.
            var events = await Measuring.NumberAsync(ledger.DataSource, "select count(*) from runledger.mt_events");
            var (bare, seconds) = (await DrainAsync(ledger.DataSource), await RebuildAsync(ledger));
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

    /// <summary>Seconds to read all events in the order of their positions and to do nothing with them.</summary>
    private static async Task<double> DrainAsync(NpgsqlDataSource dataSource)
    {
        var best = double.MaxValue;
        for (var attempt = 0; attempt < 2; attempt++)
        {
            await using var connection = await dataSource.OpenConnectionAsync();
            var started = Stopwatch.GetTimestamp();
            await using var copy = await connection.BeginRawBinaryCopyAsync(
                "copy (select seq_id, tenant_id, stream_id, version, type, data from runledger.mt_events order by seq_id) to stdout (format binary)");
            var buffer = new byte[128 * 1024];
            while (await copy.ReadAsync(buffer, CancellationToken.None) > 0) continue;
            best = Math.Min(best, Stopwatch.GetElapsedTime(started).TotalSeconds);
        }
        return best;
    }

    // What one import makes is copied under other names until there are enough, which is faster than to import all of it.
    private static async Task FillAsync(Ledger ledger, int size)
    {
        if (await CountAsync(ledger) == 0) await ImportAsync(ledger, (Math.Min(size, LargestImport) / EventsOfRun) + 1);
        for (long have; (have = await CountAsync(ledger)) < size;)
        {
            await Measuring.NumberAsync(
                ledger.DataSource,
                $"""
                insert into runledger.mt_streams (tenant_id, id, version, timestamp, created)
                select tenant_id, id || '_{have}', version, timestamp, created from runledger.mt_streams
                where id in (select stream_id from runledger.mt_events where seq_id <= {LargestImport} and version = 1);
                insert into runledger.mt_events (seq_id, id, tenant_id, stream_id, version, type, mt_dotnet_type, data, correlation_id, timestamp)
                select nextval('runledger.mt_events_sequence'), gen_random_uuid(), tenant_id, stream_id || '_{have}', version, type, mt_dotnet_type, data, correlation_id, timestamp
                from (select * from runledger.mt_events where seq_id <= {LargestImport} order by seq_id limit {size - have}) as imported;
                select 1
                """);
        }
        await Measuring.NumberAsync(ledger.DataSource, "vacuum analyze runledger.mt_events");
        await Measuring.NumberAsync(ledger.DataSource, "checkpoint");
    }

    private static Task<long> CountAsync(Ledger ledger) => Measuring.NumberAsync(ledger.DataSource, "select count(*) from runledger.mt_events");

    private static async Task ImportAsync(Ledger ledger, int runs)
    {
        var path = Path.GetTempFileName();
        try
        {
            await new Workload(runs, 6, 800, 20, "replay").WriteAsync(path);
            await using var file = File.OpenRead(path);
            await foreach (var chunk in new ObservationIntake(ledger, TimeProvider.System).ImportAsync(TenantId.Default, file, new CaptureOptions("import"), null, default))
                if (chunk.Counts.Recorded != chunk.Counts.Total) throw new InvalidOperationException($"Not all was recorded: {chunk.Counts}.");
        }
        finally
        {
            File.Delete(path);
        }
    }
}
