using RunLedger.Contract.Samples;
using RunLedger.Domain.Observations;
using RunLedger.Postgres;

namespace RunLedger.Contract;

/// <summary>G8: within a tenant, position order is commit order: who has read up to a position never finds a smaller one later.</summary>
public abstract class PositionContract(EngineDatabase database) : LedgerContract(database)
{
    [Fact]
    public async Task A_reader_that_follows_the_positions_of_a_tenant_skips_no_event()
    {
        await using var other = await Database.OpenAsync(new() { LargestBatch = 8, Lanes = 4 });
        await using var third = await Database.OpenAsync(new() { LargestBatch = 30 });
        TenantId[] tenants = [Tenant, NewTenant(), NewTenant()];
        var random = new Random(17);
        var clients = Enumerable.Range(0, 8).Select(client => Enumerable.Range(0, 25)
            .SelectMany(run => RandomHistory.Of(random, tenants[random.Next(3)], $"run_{client}_{run}", nasty: false)).ToList()).ToList();

        var ingest = Task.WhenAll(clients.Select((sent, client) => Task.Run(async () =>
        {
            foreach (var group in sent.Chunk(2)) await (client % 2 == 0 ? third : other).Recorder.RecordAsync(group, CancellationToken.None);
        })));
        var read = await Task.WhenAll(tenants.Select(tenant => Task.Run(() => FollowAsync(Ledger, tenant, ingest))));
        await ingest;

        for (var i = 0; i < tenants.Length; i++)
        {
            Assert.NotEmpty(read[i]);
            Assert.Equal(await PositionsAsync(Ledger, tenants[i], 0), read[i]);
        }
    }

    [Fact]
    public async Task Positions_of_a_run_rise_with_its_versions()
    {
        await RecordAsync([.. RandomHistory.Of(new Random(3), Tenant, "run_1"), .. RandomHistory.Of(new Random(4), Tenant, "run_2")]);
        foreach (var run in (string[])["run_1", "run_2"])
        {
            var events = (await HistoryAsync(run)).Events;
            Assert.Equal(events.Select(recorded => recorded.Position).Order(), events.Select(recorded => recorded.Position));
            Assert.Equal(Enumerable.Range(1, events.Count).Select(version => (long)version), events.Select(recorded => recorded.Version));
        }
    }

    private static async Task<List<long>> FollowAsync(Ledger ledger, TenantId tenant, Task ingest)
    {
        var read = new List<long>();
        for (var ended = false; !ended;)
        {
            ended = ingest.IsCompleted;
            read.AddRange(await PositionsAsync(ledger, tenant, read.Count == 0 ? 0 : read[^1]));
        }
        return read;
    }

    private static Task<List<long>> PositionsAsync(Ledger ledger, TenantId tenant, long after) =>
        ledger.DataSource.ListAsync<long>("select seq_id from runledger.mt_events where tenant_id = $1 and seq_id > $2 order by seq_id", tenant.Value, after);
}
