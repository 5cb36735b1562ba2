using RunLedger.Contract.Samples;
using RunLedger.Domain.Observations;
using RunLedger.Domain.Runs;
using RunLedger.Postgres.Recording;

namespace RunLedger.Contract;

/// <summary>Several hosts on one database: whoever was slower decides again, on what is true then.</summary>
public abstract class ConflictContract(EngineDatabase database) : LedgerContract(database)
{
    [Fact]
    public async Task Hosts_that_race_on_the_same_runs_lose_and_double_nothing()
    {
        await using var other = await Database.OpenAsync();
        var recorded = new List<(Submission.Observed, Receipt)>();
        for (var round = 0; round < 40; round++)
        {
            var sent = Enumerable.Range(0, 4).Select(run => RunJson.Queued($"run_{run}").With("round", $"{round}")).ToList();
            var mine = sent.Select(json => Tenant.Seen(json.With("by", "1"), round)).ToList();
            var theirs = sent.Select(json => Tenant.Seen(json.With("by", "2"), round + 0.5)).ToList();
            var both = await Task.WhenAll(RecordEachAsync(Ledger, mine), RecordEachAsync(other, theirs));
            recorded.AddRange(both.SelectMany(item => item));
        }

        await GiveBackAsync(recorded);
        Assert.All(recorded, item => Assert.NotEqual(Outcome.Unchanged, item.Item2.Outcome));
        Assert.Equal(recorded.Count, recorded.Select(item => (item.Item2.Run, item.Item2.Version)).Distinct().Count());
        await Recomputation.AssertHoldsAsync(Ledger.DataSource);
        Assert.Equal(
            recorded.Sum(item => item.Item2.Events.Count),
            await Ledger.DataSource.AskAsync<long>("select count(*) from runledger.mt_events where tenant_id = $1", Tenant.Value));
    }

    [Fact]
    public async Task Hosts_that_race_with_large_batches_lose_and_double_nothing()
    {
        await using var other = await Database.OpenAsync();
        for (var round = 0; round < 3; round++)
        {
            var runs = Enumerable.Range(0, 600).Select(run => RunJson.Queued($"run_{run}").With("round", $"{round}")).ToList();
            var mine = runs.Select(run => Tenant.Seen(run.With("by", "1"), round)).ToList();
            var theirs = runs.Select(run => Tenant.Seen(run.With("by", "2"), round + 0.5)).ToList();
            var receipts = await Task.WhenAll(
                Ledger.Recorder.RecordAsync(mine, CancellationToken.None), other.Recorder.RecordAsync(theirs, CancellationToken.None));

            await GiveBackAsync([.. mine.Zip(receipts[0]), .. theirs.Zip(receipts[1])]);
            await Recomputation.AssertHoldsAsync(Ledger.DataSource);
        }
    }

    [Fact]
    public async Task A_conflict_is_reported_by_the_engine_and_leaves_nothing_behind()
    {
        await RecordAsync(RunJson.Queued("run_1"), 1);
        var engine = Database.Engine(Ledger.DataSource);
        var late = Appending.FirstSight(Tenant, "run_2").And(Tenant, "run_1");

        await Assert.ThrowsAsync<AppendConflictException>(() => engine.AppendAsync(late, CancellationToken.None));
        Assert.Null(await Ledger.Runs.FindAsync(Tenant, new RunId("run_2"), CancellationToken.None));
        await engine.AppendAsync(Appending.FirstSight(Tenant, "run_2").And(Tenant, "run_3"), CancellationToken.None);
        await Recomputation.AssertHoldsAsync(Ledger.DataSource);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(300)]
    public async Task A_run_that_looks_new_but_is_known_is_decided_on_as_it_is_known(int others)
    {
        var known = Tenant.Seen(RunJson.Queued("run_known"), 1);
        await RecordAsync(known);
        await using var second = await Database.OpenAsync();

        for (var time = 0; time < 2; time++)
        {
            var batch = Enumerable.Range(0, others).Select(run => Tenant.Seen(RunJson.Queued($"run_{time}_{run}"), 1)).Append(known).ToList();
            var receipts = await second.Recorder.RecordAsync(batch, CancellationToken.None);
            Assert.All(receipts.SkipLast(1), receipt => Assert.Equal(Outcome.Recorded, receipt.Outcome));
            Assert.Equal((Outcome.Unchanged, 1L), (receipts[^1].Outcome, receipts[^1].Version!.Value));
        }
        Assert.Equal(1 + 2 * others, await Ledger.DataSource.AskAsync<long>("select count(*) from runledger.mt_events where tenant_id = $1", Tenant.Value));
    }

    [Fact]
    public async Task What_another_host_appended_is_known_before_anything_is_decided()
    {
        await using var other = await Database.OpenAsync();
        var run = RunJson.Queued("run_1");
        await RecordAsync(run, 1);
        Assert.Equal(Outcome.Recorded, (await SendToAsync(run.Started(2), 2)).Outcome);

        Assert.Equal(Outcome.Unchanged, (await RecordAsync(run.Started(2), 3)).Outcome);
        Assert.Equal(Outcome.Late, (await RecordAsync(run.With("note", "1"), 1.5)).Outcome);
        Assert.Equal(Outcome.Recorded, (await SendToAsync(run.Started(2).Completed(9), 10)).Outcome);
        var again = await RecordAsync(run.Started(2), 12);
        Assert.Equal((Outcome.Recorded, "contradiction_observed"), (again.Outcome, again.Events[0]));
        await Recomputation.AssertHoldsAsync(Ledger.DataSource);

        async Task<Receipt> SendToAsync(RunJson json, double second) =>
            (await other.Recorder.RecordAsync([Tenant.Seen(json, second)], CancellationToken.None))[0];
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_run_that_another_host_moved_away_and_back_is_recorded_again(bool ended)
    {
        await using var other = await Database.OpenAsync();
        var run = ended ? RunJson.Queued("run_1").Completed(9) : RunJson.Queued("run_1");
        await RecordAsync(run, 10);
        await other.Recorder.RecordAsync([Tenant.Seen(run.With("note", "1"), 11)], CancellationToken.None);

        var back = Tenant.Seen(run, 12);
        var receipt = (await RecordAsync(back))[0];
        Assert.Equal(Outcome.Recorded, receipt.Outcome);
        await GivesBackAsync(back, receipt);
        var again = await RecordAsync(run, 13);
        Assert.Equal((Outcome.Unchanged, receipt.Version), (again.Outcome, again.Version));
        await Recomputation.AssertHoldsAsync(Ledger.DataSource);
    }
}
