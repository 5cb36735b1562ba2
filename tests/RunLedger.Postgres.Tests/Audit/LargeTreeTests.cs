using RunLedger.Contract;
using RunLedger.Domain.Audit;
using RunLedger.Domain.Json;
using RunLedger.Domain.Observations;
using RunLedger.Postgres.Audit;

namespace RunLedger.Postgres.Tests.Audit;

/// <summary>Trees of several levels of tiles, sealed in several turns.</summary>
public sealed class LargeTreeTests(NpgsqlDatabase database) : IClassFixture<NpgsqlDatabase>
{
    private const int Events = 70_000;
    private const int EventsAtOnce = 16_384;

    private static readonly TenantId Tenant = new("large");

    // One event of the tenant in every two positions, as made by hand; the other is another tenant's.
    private const string Insert = """
        insert into runledger.mt_streams (tenant_id, id, version) select tenant, 'run', 70000 from unnest(array['large', 'other']) as tenant;
        insert into runledger.mt_events (seq_id, id, tenant_id, stream_id, version, data, type, timestamp)
        select n * 2 + other, gen_random_uuid(), case other when 0 then 'large' else 'other' end, 'run', n, jsonb_build_object('n', n), 'run_queued', now()
        from generate_series(1, 70000) as n cross join generate_series(0, 1) as other;
        """;

    [Fact]
    public async Task Many_events_are_sealed_in_turns_and_what_is_wrong_with_them_is_named()
    {
        await using var ledger = await database.OpenAsync(await SharedServer.CreateDatabaseAsync());
        await ledger.DataSource.ExecuteAsync(Insert);
        using var interruption = new CancellationTokenSource();
        var interrupted = (long size) =>
        {
            if (size > EventsAtOnce) interruption.Cancel();
        };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => ledger.Audit.SealAsync(Tenant, interrupted, interruption.Token));
        Assert.Equal(new SealStatus(EventsAtOnce, EventsAtOnce * 2, Events - EventsAtOnce), await ledger.Audit.StatusAsync(Tenant, CancellationToken.None));

        var told = new List<long>();
        var checkpoint = await ledger.Audit.SealAsync(Tenant, told.Add, CancellationToken.None);
        Assert.Equal([2 * EventsAtOnce, 3 * EventsAtOnce, 4 * EventsAtOnce, Events], told);
        Assert.Equal([274, 2, 1], await ledger.DataSource.ListAsync<long>("select count(*) from runledger.audit_tiles where tenant_id = 'large' group by level order by level"));
        Assert.Equal((Events, await RootAsync(ledger)), (checkpoint.Size, checkpoint.Root));
        Assert.Empty(await FindingsAsync(ledger, checkpoint));
        await IsNamedAsync(ledger, checkpoint);
    }

    private static async Task IsNamedAsync(Ledger ledger, Checkpoint checkpoint)
    {
        await ledger.DataSource.ExecuteAsync(
            "update runledger.audit_tiles set hashes = set_byte(hashes, 4, 255 - get_byte(hashes, 4)) where tenant_id = 'large' and level = 1 and tile = 0");
        Assert.Equal(["The sealed hashes of level 1 are damaged: they are not those of the level below."], await FindingsAsync(ledger, checkpoint));
        await ledger.DataSource.ExecuteAsync("delete from runledger.audit_tiles");
        Assert.Equal(checkpoint, await ledger.Audit.SealAsync(Tenant, _ => { }, CancellationToken.None));

        await ledger.DataSource.ExecuteAsync("delete from runledger.mt_events where tenant_id = 'large' and version in (5, 40000)");
        Assert.Equal(
            [
                "the event that was sealed as number 5 is gone, or no more as it was",
                "the event that was sealed as number 40,000 is gone, or no more as it was",
                "a checkpoint is of 70,000 events: there are only 69,998",
            ],
            await FindingsAsync(ledger, checkpoint));
    }

    private static async Task<List<string>> FindingsAsync(Ledger ledger, Checkpoint checkpoint)
    {
        var findings = new List<string>();
        await ledger.Audit.VerifyAsync(Tenant, [checkpoint], findings.Add, _ => { }, CancellationToken.None);
        return findings;
    }

    // By way of entries that are written here.
    private static async Task<Digest> RootAsync(Ledger ledger)
    {
        var tree = new GrowingTree();
        foreach (var entry in await ledger.DataSource.ListAsync<string>(
            """
            select format('{"tenant":"large","position":%s,"id":"%s","run_id":"run","version":%s,"type":"run_queued","recorded_at":"%s","correlation_id":null,"causation_id":null,"headers":null,"data":{"n": %s}}',
              seq_id, id, version, to_char(timestamp at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), version)
            from runledger.mt_events where tenant_id = 'large' order by seq_id
            """))
            tree.Add(MerkleTree.Leaf(System.Text.Encoding.UTF8.GetBytes(entry)));
        return tree.Root;
    }
}
