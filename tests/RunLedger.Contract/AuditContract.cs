using RunLedger.Contract.Samples;
using RunLedger.Domain.Audit;
using RunLedger.Domain.Observations;
using RunLedger.Postgres;
using RunLedger.Postgres.Audit;

namespace RunLedger.Contract;

/// <summary>
/// G7: whoever holds an earlier checkpoint finds out whether any event before it was changed, removed, inserted or moved, whatever was done to the database.
/// </summary>
public abstract class AuditContract(EngineDatabase database) : IAsyncLifetime
{
    private static readonly TenantId Red = new("red");
    private static readonly TenantId Blue = new("blue");

    private const string OfRun = "where tenant_id = 'red' and stream_id = 'run_04'";
    private const string SetSecond = "update runledger.mt_events set {0} " + OfRun + " and version = 2";
    private const string First = "(select min(seq_id) from runledger.mt_events where tenant_id = 'red')";
    private const string FirstIsGone = "delete from runledger.mt_events where seq_id = " + First;

    private static readonly string[] Forgeries =
    [
        .. ((string[])[
            "data = jsonb_set(data, '{source}', '\"forged\"')", "timestamp = timestamp + interval '1 microsecond'", "correlation_id = 'forged'", "causation_id = 'forged'",
            "headers = '{\"forged\": 1}'", "type = 'run_failed'", "type = 'tombstone'", "id = gen_random_uuid()", "version = 1000", "seq_id = -7",
        ]).Select(set => SetSecond.Replace("{0}", set, StringComparison.Ordinal)),
        $"delete from runledger.mt_events {OfRun} and version = 2",
        $"delete from runledger.mt_events where seq_id = (select max(seq_id) from runledger.mt_events {OfRun})",
        "delete from runledger.mt_events where tenant_id = 'red'",
        FirstIsGone,
        // Joined by one that is before all, by one that is of no stream, and by one in the place of another that has moved.
        $"insert into runledger.mt_events (seq_id, id, stream_id, version, data, type, tenant_id) select -7, gen_random_uuid(), stream_id, 999, data, type, 'red' from runledger.mt_events {OfRun} and version = 1",
        "insert into runledger.mt_events (seq_id, id, version, data, type, tenant_id) values (-7, gen_random_uuid(), 1, '{}', 'run_queued', 'red')",
        $"""
        update runledger.mt_events set seq_id = -seq_id where seq_id = {First};
        insert into runledger.mt_events (seq_id, id, stream_id, version, data, type, tenant_id)
        select -seq_id, gen_random_uuid(), stream_id, 999, data, type, 'red' from runledger.mt_events where seq_id < 0;
        """,
        // Two have changed places.
        $"""
        update runledger.mt_events set seq_id = -seq_id {OfRun} and version in (1, 2);
        update runledger.mt_events as event set seq_id = -other.seq_id from runledger.mt_events as other
        where event.tenant_id = 'red' and event.stream_id = 'run_04' and event.version in (1, 2)
          and other.tenant_id = 'red' and other.stream_id = 'run_04' and other.version = 3 - event.version;
        """,
    ];

    private static readonly (string Damage, string Finding)[] Damages =
    [
        ("update runledger.contents set content = '\"forged\"'", "is not what its digest says"),
        ("update runledger.contents set sha256 = '\\x00' where ctid = (select min(ctid) from runledger.contents where tenant_id = 'red')", "content 00 is not what its digest says"),
        ("delete from runledger.contents", "names, is gone"),
        ("update runledger.audit_tiles set hashes = set_byte(hashes, 4, 255 - get_byte(hashes, 4)) where level = 0", "is not as it was sealed"),
        ("update runledger.audit_tiles set hashes = substring(hashes from 1 for 33) where level = 0", "is damaged"),
        ("update runledger.audit_tiles set tile = 3 where level = 0", "of the events 1 to "),
        ("update runledger.audit_tiles set tile = 100000000000000 where level = 0", "of the events 16,385 to 25,600,000,000,"),
        ("update runledger.audit_tiles set tile = 9223372036854775807 where level = 0", "is damaged"),
        ("update runledger.audit_tiles set last_position = last_position + 1 where level = 0", "is said to go up to position "),
    ];

    private static readonly string[] Forgeable = ["mt_events", "contents", "audit_tiles"];

    private static readonly string Keep = string.Concat(Forgeable.Select(table => $"create table kept_{table} as select * from runledger.{table};"));

    private static readonly string PutBack = string.Concat(
        Forgeable.Select(table => $"delete from runledger.{table}; insert into runledger.{table} select * from kept_{table};"));

    private string _connection = "";

    protected Ledger Ledger { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        _connection = await SharedServer.CreateDatabaseAsync();
        Ledger = await database.OpenAsync(_connection);
        await RecordAsync(Ledger, new Random(41), 0, 40);
    }

    public async Task DisposeAsync() => await Ledger.DisposeAsync();

    [Fact]
    public async Task Events_that_are_sealed_and_those_that_follow_are_found_to_be_what_they_were()
    {
        var empty = await SealAsync(new TenantId("nobody"));
        Assert.Equal((0, MerkleTree.Empty), (empty.Size, empty.Root));
        var (red, blue) = (await SealAsync(Red), await SealAsync(Blue));
        Assert.Equal(await CountAsync(Red), red.Size);
        Assert.NotEqual(red.Root, blue.Root);
        await RecordAsync(Ledger, new Random(43), 40, 10);

        var (verification, findings) = await VerifyAsync(Red, red, empty with { Tenant = Red });
        Assert.Empty(findings);
        Assert.Equal((await CountAsync(Red), red.Size), (verification.Events, verification.Sealed));
        Assert.Equal(await Ledger.DataSource.AskAsync<long>("select count(*) from runledger.contents where tenant_id = 'red'"), verification.Contents);
        Assert.True(verification.Contents > 0);
        Assert.Equal(
            new SealStatus(red.Size, await PositionAsync(Red, red.Size), verification.Events - red.Size), await Ledger.Audit.StatusAsync(Red, CancellationToken.None));
        Assert.Equal(blue, await SealedAgainAsync(Blue, blue.Size));
    }

    [Fact]
    public async Task The_same_events_have_the_same_root_whenever_and_by_whomever_they_are_sealed()
    {
        await using var other = await database.OpenAsync(_connection);
        for (var run = 40; run < 60; run++)
        {
            await RecordAsync(Ledger, new Random(run), run, 1);
            await Task.WhenAll(SealAsync(Red), other.Audit.SealAsync(Red, _ => { }, CancellationToken.None));
        }
        var bySteps = await SealAsync(Red);
        await Ledger.DataSource.ExecuteAsync("delete from runledger.audit_tiles");
        Assert.Equal(bySteps, await SealAsync(Red));
    }

    [Fact]
    public async Task Whatever_is_done_to_an_event_is_found_by_its_seal_and_by_an_earlier_checkpoint_alone()
    {
        var kept = await SealAsync(Red);
        await RecordAsync(Ledger, new Random(47), 40, 4);
        await SealAsync(Red);
        await Ledger.DataSource.ExecuteAsync(Keep);
        foreach (var forgery in Forgeries)
        {
            await Ledger.DataSource.ExecuteAsync(forgery);
            Assert.True((await VerifyAsync(Red)).Findings.Count > 0, forgery);
            Assert.Empty((await VerifyAsync(Blue)).Findings);

            // Who can rewrite the events can rewrite the seals too, but not what is kept elsewhere.
            await Ledger.DataSource.ExecuteAsync("delete from runledger.audit_tiles");
            await SealAsync(Red);
            Assert.Empty((await VerifyAsync(Red)).Findings);
            Assert.True((await VerifyAsync(Red, kept)).Findings.Count > 0, forgery);
            await Ledger.DataSource.ExecuteAsync(PutBack);
        }
        Assert.Empty((await VerifyAsync(Red, kept)).Findings);
    }

    [Fact]
    public async Task An_event_that_was_changed_is_named_and_those_beside_it_are_not()
    {
        await SealAsync(Red);
        await Ledger.DataSource.ExecuteAsync($"update runledger.mt_events set data = '{{}}' {OfRun} and version = 2");
        var finding = Assert.Single((await VerifyAsync(Red)).Findings);
        Assert.StartsWith("run_04, event 2 (position ", finding, StringComparison.Ordinal);
        Assert.EndsWith(" is not as it was sealed", finding, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Events_that_are_gone_or_new_do_not_accuse_those_behind_them()
    {
        await SealAsync(Red);
        await Ledger.DataSource.ExecuteAsync($"""
            {FirstIsGone};
            insert into runledger.mt_events (seq_id, id, stream_id, version, data, type, tenant_id)
            select -7, gen_random_uuid(), stream_id, 999, data, type, 'red' from runledger.mt_events {OfRun} and version = 1;
            delete from runledger.mt_events where tenant_id = 'red' and stream_id = 'run_06' and version = 1;
            """);
        var findings = (await VerifyAsync(Red)).Findings;
        Assert.Equal(2, findings.Count);
        Assert.StartsWith("run_04, event 999 (position -7, run_queued) is not as it was sealed", findings[0], StringComparison.Ordinal);
        Assert.Matches("the event that was sealed as number [0-9,]+ is gone", findings[1]);
    }

    [Fact]
    public async Task What_belongs_to_events_is_verified_too()
    {
        await SealAsync(Red);
        await Ledger.DataSource.ExecuteAsync(Keep);
        foreach (var (damage, finding) in Damages)
        {
            await Ledger.DataSource.ExecuteAsync(damage);
            var findings = (await VerifyAsync(Red)).Findings;
            Assert.True(findings.Exists(found => found.Contains(finding, StringComparison.Ordinal)), $"{damage}: {string.Join("; ", findings)}");
            await Ledger.DataSource.ExecuteAsync(PutBack);
        }
        Assert.Empty((await VerifyAsync(Red)).Findings);
    }

    [Fact]
    public async Task Checkpoints_hold_while_writers_append()
    {
        using var end = new CancellationTokenSource();
        await using var other = await database.OpenAsync(_connection);
        var ingest = Task.WhenAll(Enumerable.Range(0, 3).Select(writer => Task.Run(async () =>
        {
            var random = new Random(writer);
            for (var run = 0; !end.IsCancellationRequested; run++)
                foreach (var group in RandomHistory.Of(random, Red, $"run_{writer}_{run}", nasty: false).Chunk(2))
                    await (writer == 0 ? Ledger : other).Recorder.RecordAsync(group, CancellationToken.None);
        })));
        var kept = new List<Checkpoint>();
        while (kept.Count < 15 || kept[^1].Size < kept[0].Size + 300) kept.Add(await SealAsync(Red));
        var (verification, findings) = await VerifyAsync(Red, [.. kept]);
        await end.CancelAsync();
        await ingest;
        Assert.Empty(findings);
        Assert.True(verification.Events >= kept[^1].Size);
        Assert.Empty((await VerifyAsync(Red, [.. kept])).Findings);
    }

    [Fact]
    public async Task A_runs_events_are_proven_without_the_ledger()
    {
        var kept = await SealAsync(Red);
        await RecordAsync(Ledger, new Random(53), 40, 20);
        var contents = 0;
        foreach (var run in await Ledger.Runs.NextAsync(Red, "", 100, CancellationToken.None))
        {
            var history = (await Ledger.Runs.HistoryAsync(Red, new RunId(run), CancellationToken.None))!;
            var proof = (await Ledger.Audit.ProveAsync(Red, history.Id, null, CancellationToken.None))!;
            Assert.Empty(proof.Defects());
            Assert.Equal((history.Events.Count, 0), (proof.Events.Count, proof.LaterEvents));
            contents += proof.Contents.Count;

            var earlier = (await Ledger.Audit.ProveAsync(Red, history.Id, kept.Size, CancellationToken.None))!;
            Assert.Equal(kept, earlier.Checkpoint);
            var last = await PositionAsync(Red, kept.Size);
            var before = history.Events.Count(recorded => recorded.Position <= last);
            Assert.Equal((before, history.Events.Count - before), (earlier.Events.Count, earlier.LaterEvents));
            if (before > 0) Assert.Empty(earlier.Defects());
        }
        Assert.True(contents > 0);
        Assert.Null(await Ledger.Audit.ProveAsync(Red, new RunId("run_01"), null, CancellationToken.None)); // which is blue's
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => Ledger.Audit.ProveAsync(Red, new RunId("run_04"), 1_000_000, CancellationToken.None));
    }

    [Fact]
    public async Task What_is_no_more_as_it_was_sealed_is_not_proven()
    {
        await SealAsync(Red);
        await Ledger.DataSource.ExecuteAsync(Keep);
        foreach (var forgery in (string[])[Forgeries[0], $"delete from runledger.mt_events {OfRun} and version = 2", "update runledger.audit_tiles set tile = 3 where level = 0"])
        {
            await Ledger.DataSource.ExecuteAsync(forgery);
            await Assert.ThrowsAsync<InvalidDataException>(() => Ledger.Audit.ProveAsync(Red, new RunId("run_04"), null, CancellationToken.None));
            await Ledger.DataSource.ExecuteAsync(PutBack);
        }

        // What is gone elsewhere takes nothing from what is sealed of this run.
        await Ledger.DataSource.ExecuteAsync(FirstIsGone);
        Assert.Empty((await Ledger.Audit.ProveAsync(Red, new RunId("run_04"), null, CancellationToken.None))!.Defects());
    }

    private static async Task RecordAsync(Ledger ledger, Random random, int first, int count)
    {
        foreach (var run in Enumerable.Range(first, count))
            await ledger.Recorder.RecordAsync(RandomHistory.Of(random, run % 2 == 0 ? Red : Blue, $"run_{run:00}", nasty: run % 4 == 0), CancellationToken.None);
    }

    private Task<Checkpoint> SealAsync(TenantId tenant) => Ledger.Audit.SealAsync(tenant, _ => { }, CancellationToken.None);

    // The checkpoint of the first events, as it is after more were sealed.
    private async Task<Checkpoint> SealedAgainAsync(TenantId tenant, long size)
    {
        await SealAsync(tenant);
        var run = (await Ledger.Runs.NextAsync(tenant, "", 1, CancellationToken.None))[0];
        return (await Ledger.Audit.ProveAsync(tenant, new RunId(run), size, CancellationToken.None))!.Checkpoint;
    }

    private async Task<(AuditVerification Verification, List<string> Findings)> VerifyAsync(TenantId tenant, params Checkpoint[] kept)
    {
        var findings = new List<string>();
        var verification = await Ledger.Audit.VerifyAsync(tenant, kept, findings.Add, _ => { }, CancellationToken.None);
        Assert.Equal(findings.Count, verification.Findings);
        return (verification, findings);
    }

    private Task<long> CountAsync(TenantId tenant) => Ledger.DataSource.AskAsync<long>("select count(*) from runledger.mt_events where tenant_id = $1", tenant.Value);

    private Task<long> PositionAsync(TenantId tenant, long size) =>
        Ledger.DataSource.AskAsync<long>("select seq_id from runledger.mt_events where tenant_id = $1 order by seq_id offset $2 limit 1", tenant.Value, size - 1);
}
