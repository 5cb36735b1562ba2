using RunLedger.Contract.Json;
using RunLedger.Contract.Samples;
using RunLedger.Domain.Observations;
using RunLedger.Domain.Quarantine;
using RunLedger.Postgres.Usage;

namespace RunLedger.Contract;

/// <summary>G11: tenants are walls.</summary>
public abstract class TenancyContract(EngineDatabase database) : LedgerContract(database)
{
    private readonly TenantId _other = NewTenant();

    [Fact]
    public async Task Two_tenants_with_the_same_run_ids_see_only_their_own_in_every_reader()
    {
        var large = $"\"{new string('x', 2_000)}\"";
        var mine = RunJson.Queued("run_1", 0, "thread_1", "o3").With("instructions", large).Started(1).Completed(5, 100, 10);
        var theirs = RunJson.Queued("run_1", 0, "thread_1", "gpt-4o").With("instructions", large);
        var theirSecond = RunJson.Queued("run_2", 1, "thread_1", "gpt-4o");
        await RecordAsync(
            Tenant.Seen(mine, 6), _other.Seen(theirs, 1), _other.Seen(theirSecond, 2),
            new Postgres.Recording.Submission.Rejected(new QuarantinedItem(_other, "x"u8.ToArray(), "push", "", new Defect("", "is bad"), Observed.At(1))));

        await ShowsAsync(Tenant, $"{mine}", "completed", 1);
        await ShowsAsync(_other, $"{theirs}", "queued", 2);
        Assert.Null(await Ledger.Runs.FindAsync(Tenant, new RunId("run_2"), CancellationToken.None));
        Assert.Null(await Ledger.Runs.HistoryAsync(Tenant, new RunId("run_2"), CancellationToken.None));
        Assert.Null(await Ledger.Runs.CurrentAsync(Tenant, new RunId("run_2"), CancellationToken.None));
        Assert.Empty(await Ledger.Quarantine.ListAsync(Tenant, 0, 10, CancellationToken.None));
        Assert.Single(await Ledger.Quarantine.ListAsync(_other, 0, 10, CancellationToken.None));
        await Assert.ThrowsAsync<KeyNotFoundException>(() =>
            Ledger.Runs.ListThreadAsync(Tenant, "thread_1", new(10, false, "run_2", null), CancellationToken.None));
        Assert.Equal(2, await Ledger.DataSource.AskAsync<long>(
            "select count(*) from runledger.contents where tenant_id = any ($1)", (object)new[] { Tenant.Value, _other.Value }));
        Assert.Superset(new HashSet<TenantId> { Tenant, _other }, (await Ledger.Runs.TenantsAsync(CancellationToken.None)).ToHashSet());
    }

    [Fact]
    public async Task Contents_of_one_tenant_are_not_given_to_another()
    {
        await RecordAsync(RunJson.Queued("run_1").With("instructions", $"\"{new string('y', 2_000)}\""), 1);
        var reference = (await HistoryAsync("run_1")).Current.Fields.Missing().Single();

        var read = await Ledger.Runs.ContentsAsync(_other, [reference], CancellationToken.None);
        Assert.Throws<InvalidDataException>(() => read(reference));
    }

    private async Task ShowsAsync(TenantId tenant, string json, string status, int runs)
    {
        var run = new RunId("run_1");
        Assert.Equal(status, (await Ledger.Runs.FindAsync(tenant, run, CancellationToken.None))!.Status);
        JsonAssert.DeepEqual(json, await Ledger.Runs.CurrentAsync(tenant, run, CancellationToken.None));
        JsonAssert.DeepEqual(json, await Ledger.Runs.AtVersionAsync(tenant, run, 1, CancellationToken.None));
        JsonAssert.DeepEqual(json, await Ledger.Runs.AsOfAsync(tenant, run, Observed.At(100), CancellationToken.None));
        var thread = await Ledger.Runs.ListThreadAsync(tenant, "thread_1", new(10, true, null, null), CancellationToken.None);
        Assert.Equal(runs, thread.Runs.Count);
        JsonAssert.DeepEqual(json, thread.Runs[0].Json);
        Assert.Equal(runs, (await Ledger.Runs.ListAsync(tenant, new(), 10, null, CancellationToken.None)).Runs.Count);
        Assert.Equal(runs, (await Ledger.Runs.NextAsync(tenant, "", 10, CancellationToken.None)).Count);
        foreach (var query in (UsageQuery[])[new(), new() { GroupBy = [UsageDimension.Thread] }])
            Assert.Equal(runs, Assert.Single(await Ledger.Usage.ReportAsync(tenant, query, CancellationToken.None)).Amounts.Runs);
    }
}
