using System.Diagnostics;
using Npgsql;
using RunLedger.Domain.Capture;
using RunLedger.Domain.Observations;
using RunLedger.Host.Capture;
using RunLedger.Postgres;

namespace RunLedger.Bench;

/// <summary>A ledger with as many events as are wanted, and how fast they can be read at best.</summary>
internal static class EventHistory
{
    private const int LargestImport = 100_000;

    /// <summary>How many events there are.</summary>
    public static Task<long> CountAsync(Ledger ledger) => Measuring.NumberAsync(ledger.DataSource, "select count(*) from runledger.mt_events");

    /// <summary>Seconds to read all events in the order of their positions and to do nothing with them.</summary>
    public static async Task<double> DrainAsync(NpgsqlDataSource dataSource)
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

    /// <summary>Adds events until there are so many: what one import makes is copied under other names, which is faster than to import all of it.</summary>
    public static async Task FillAsync(Ledger ledger, int size)
    {
        if (await CountAsync(ledger) == 0) await ImportAsync(ledger, (Math.Min(size, LargestImport) / Workload.EventsPerRun) + 1);
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
