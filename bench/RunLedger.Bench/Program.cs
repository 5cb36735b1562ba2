using System.Diagnostics;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using RunLedger.Domain.Json;
using RunLedger.Domain.Observations;
using RunLedger.Postgres;
using RunLedger.Postgres.Embedded;
using RunLedger.Postgres.Recording;

await using var server = await EmbeddedPostgres.StartTemporaryAsync();
var db = await server.CreateDatabaseAsync("bench");
var lanes = int.Parse(Environment.GetEnvironmentVariable("LANES") ?? "2");
var batch = int.Parse(Environment.GetEnvironmentVariable("BATCH") ?? "2000");
await using var ledger = await Ledger.OpenAsync(db, new RecorderOptions { Lanes = lanes, LargestBatch = batch }, TimeProvider.System, NullLoggerFactory.Instance, default);
foreach (var (n, prefix) in new[] { (2000, "w"), (15000, "a"), (15000, "b") })
{
    var w = new RunLedger.Bench.Workload(n, 6, 800, 20, prefix);
    var items = w.Envelopes().ToList();
    var bytes = items.Sum(i => (long)i.Length);
    for (var pass = 0; pass < 2; pass++)
    {
        var sw = Stopwatch.StartNew();
        var cpu = Process.GetCurrentProcess().TotalProcessorTime; var pg0 = Pg();
        var inflight = new Queue<Task>();
        foreach (var chunk in items.Chunk(1000))
        {
            var subs = chunk.Select(b => (Submission)new Submission.Observed(TenantId.Default, Parse(b), "")).ToList();
            inflight.Enqueue(ledger.Recorder.RecordAsync(subs, default));
            while (inflight.Count > 6) await inflight.Dequeue();
        }
        await Task.WhenAll(inflight);
        var s = sw.Elapsed.TotalSeconds;
        Console.WriteLine($"{prefix} pass {pass}: {items.Count / s:F0} obs/s {bytes / s / 1e6:F0} MB/s  cpu {(Process.GetCurrentProcess().TotalProcessorTime - cpu).TotalSeconds / s:F2} cores, {bytes / items.Count} B/obs, pg {(Pg() - pg0) / s / 100.0:F2} cores");
    }
}
await using var c = ledger.DataSource.CreateConnection(); await c.OpenAsync();
async Task<long> Scalar(string q) { await using var cmd = new NpgsqlCommand(q, c) { CommandTimeout = 300 }; return Convert.ToInt64(await cmd.ExecuteScalarAsync()); }
var events = await Scalar("select count(*) from runledger.mt_events");
Console.WriteLine($"events {events}, avg data {await Scalar("select avg(length(data::text))::bigint from runledger.mt_events")}, table bytes/event {await Scalar("select pg_total_relation_size('runledger.mt_events')") / events}, db {await Scalar("select pg_database_size(current_database())") / 1e6:F0} MB");
// COPY limit
await new NpgsqlCommand("create schema lim; create table lim.mt_events (like runledger.mt_events including all)", c).ExecuteNonQueryAsync();
var rows = new List<object?[]>();
await using (var cmd = new NpgsqlCommand("select seq_id,id,stream_id,version,data::text,type,timestamp,tenant_id,mt_dotnet_type from runledger.mt_events order by seq_id limit 200000", c))
await using (var r = await cmd.ExecuteReaderAsync())
    while (await r.ReadAsync()) rows.Add([r.GetInt64(0), r.GetGuid(1), r.GetString(2), r.GetInt64(3), Encoding.UTF8.GetBytes(r.GetString(4)), r.GetString(5), r.GetFieldValue<DateTime>(6), r.GetString(7), r.GetString(8)]);
var t = Stopwatch.StartNew();
foreach (var chunk in rows.Chunk(1000))
{
    await using var w = await c.BeginBinaryImportAsync("copy lim.mt_events (seq_id,id,stream_id,version,data,type,timestamp,tenant_id,mt_dotnet_type) from stdin (format binary)");
    foreach (var row in chunk)
    {
        w.StartRow(); w.Write((long)row[0]!); w.Write((Guid)row[1]!); w.Write((string)row[2]!); w.Write((long)row[3]!); w.Write((byte[])row[4]!, NpgsqlTypes.NpgsqlDbType.Jsonb); w.Write((string)row[5]!); w.Write((DateTime)row[6]!, NpgsqlTypes.NpgsqlDbType.TimestampTz); w.Write((string)row[7]!); w.Write((string)row[8]!);
    }
    await w.CompleteAsync();
}
Console.WriteLine($"COPY limit {rows.Count / t.Elapsed.TotalSeconds:F0} rows/s");
await new NpgsqlCommand("create table lim.one (id bigint primary key, v text)", c).ExecuteNonQueryAsync();
var lat = new List<double>();
for (var i = 0; i < 2000; i++) { await using var cmd = new NpgsqlCommand("insert into lim.one values ($1,$2)", c) { Parameters = { new() { Value = (long)i }, new() { Value = "x" } } }; var q = Stopwatch.StartNew(); await cmd.ExecuteNonQueryAsync(); lat.Add(q.Elapsed.TotalMilliseconds); }
lat.Sort(); Console.WriteLine($"bare insert median {lat[1000]:F3} ms");
var w2 = new RunLedger.Bench.Workload(400, 6, 800, 20, "z"); lat.Clear();
foreach (var b in w2.Envelopes()) { var o = Parse(b); var q = Stopwatch.StartNew(); await ledger.Recorder.RecordAsync([new Submission.Observed(TenantId.Default, o, "")], default); lat.Add(q.Elapsed.TotalMilliseconds); }
lat.Sort(); Console.WriteLine($"lone record median {lat[1200]:F3} ms");

static Observation Parse(byte[] envelope)
{
    var json = new JsonText(envelope);
    var snap = json.Property("snapshot"u8)!.Value;
    return new Observation(Snapshot.Read(snap.Utf8).Value!, DateTimeOffset.Parse(json.Property("observed_at"u8)!.Value.AsString()!), TimeBasis.Stated, "poll");
}
static double Pg()
{
    double sum = 0;
    foreach (var dir in Directory.GetDirectories("/proc"))
        try { var t = File.ReadAllText(dir + "/stat"); if (!t.Contains("(postgres)")) continue; var f = t[(t.IndexOf(") ") + 2)..].Split(' '); sum += double.Parse(f[11]) + double.Parse(f[12]); } catch (Exception) { }
    return sum;
}
