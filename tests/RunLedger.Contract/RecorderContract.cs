using Microsoft.Extensions.Logging.Abstractions;
using RunLedger.Contract.Samples;
using RunLedger.Domain.Observations;
using RunLedger.Domain.Runs;
using RunLedger.Postgres;
using RunLedger.Postgres.Recording;

namespace RunLedger.Contract;

/// <summary>How the recorder treats those who submit, and what it writes.</summary>
public abstract class RecorderContract(EngineDatabase database) : LedgerContract(database)
{
    [Fact]
    public async Task Polls_that_show_nothing_new_write_nothing()
    {
        var random = new Random(5);
        var all = Enumerable.Range(0, 20).SelectMany(run => RandomHistory.Of(random, Tenant, $"run_{run}")).ToList();
        await RecordAsync(all);
        await SettleAsync(Ledger, all);
        var last = all.GroupBy(item => item.Observation.Snapshot.Id).ToList();
        var before = await RowsAsync();

        await using var other = await Database.OpenAsync();
        foreach (var ledger in (Ledger[])[Ledger, other, other])
        {
            var receipts = await ledger.Recorder.RecordAsync(all, CancellationToken.None);
            Assert.All(receipts, receipt => Assert.Equal((Outcome.Unchanged, 0), (receipt.Outcome, receipt.Events.Count)));
            foreach (var run in last)
            {
                var current = (await Ledger.Runs.CurrentAsync(Tenant, run.Key, CancellationToken.None))!.Value;
                var poll = Tenant.Seen(current, 2_000_000);
                var receipt = (await ledger.Recorder.RecordAsync([poll], CancellationToken.None))[0];
                Assert.Equal(Outcome.Unchanged, receipt.Outcome);
                await GivesBackAsync(poll, receipt);
            }
        }
        Assert.Equal(before, await RowsAsync());
    }

    [Fact]
    public async Task A_large_value_that_many_runs_share_is_stored_once()
    {
        await using var other = await Database.OpenAsync();
        var instructions = $"\"{new string('x', 100_000)}\"";
        var seen = Enumerable.Range(0, 40).Select(run => Tenant.Seen(RunJson.Queued($"run_{run}").With("instructions", instructions), 1)).ToList();
        await GiveBackAsync([.. await RecordEachAsync(Ledger, seen.Take(20)), .. await RecordEachAsync(other, seen.Skip(20))]);

        Assert.Equal(1, await Ledger.DataSource.AskAsync<long>("select count(*) from runledger.contents where tenant_id = $1", Tenant.Value));
        Assert.InRange(await Ledger.DataSource.AskAsync<int>("select max(length(data::text)) from runledger.mt_events where tenant_id = $1", Tenant.Value), 1, 3_000);
    }

    [Fact]
    public async Task Disposal_records_what_was_handed_in()
    {
        var ledger = await Database.OpenAsync(new() { LargestBatch = 10 });
        var waiting = RecordEachAsync(ledger, Enumerable.Range(0, 200).Select(run => Tenant.Seen(RunJson.Queued($"run_{run}"), 1)));
        await ledger.DisposeAsync();

        await GiveBackAsync(await waiting);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => ledger.Recorder.RecordAsync([Tenant.Seen(RunJson.Queued("run_x"), 1)], CancellationToken.None));
    }

    [Fact]
    public async Task Who_stops_waiting_loses_nothing()
    {
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        var seen = Enumerable.Range(0, 50).Select(run => Tenant.Seen(RunJson.Queued($"run_{run}"), 1)).ToList();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Ledger.Recorder.RecordAsync([.. seen], cancelled.Token));
        await Eventually.HoldsAsync("all are recorded", async () =>
            await Ledger.DataSource.AskAsync<long>("select count(*) from runledger.run_views where tenant_id = $1", Tenant.Value) == seen.Count);
    }

    [Fact]
    public async Task Submissions_of_one_run_are_taken_in_the_order_in_which_they_stand()
    {
        var run = RunJson.Queued("run_1");
        var seen = Enumerable.Range(0, 300).Select(note => Tenant.Seen(run.With("note", $"{note}"), note)).ToList();
        var receipts = await RecordAsync([.. seen]);

        Assert.Equal(Enumerable.Range(1, 300).Select(version => (long?)version), receipts.Select(receipt => receipt.Version));
        Assert.All(receipts, receipt => Assert.Equal(Outcome.Recorded, receipt.Outcome));
    }

    [Fact]
    public async Task Times_are_kept_in_utc_to_the_microsecond_however_they_are_given()
    {
        var seen = Tenant.Seen(RunJson.Queued("run_1"), 1);
        var local = Observed.At(2).AddTicks(7).ToOffset(TimeSpan.FromHours(3));
        await RecordAsync(seen with { Observation = seen.Observation with { ObservedAt = local } });

        var view = await ViewAsync("run_1");
        Assert.Equal((Observed.At(2), TimeSpan.Zero), (view.LastObservedAt, view.LastObservedAt.Offset));
        Assert.Equal(Outcome.Unchanged, (await RecordAsync(seen with { Observation = seen.Observation with { ObservedAt = local } }))[0].Outcome);
    }

    [Fact]
    public async Task The_first_and_the_last_moment_can_be_observed()
    {
        var run = RunJson.Queued("run_1").Ended("completed").With("created_at", "0").With("completed_at", "253402300799");
        var seen = Tenant.Seen(run, 1);
        Submission.Observed[] all =
        [
            seen with { Observation = seen.Observation with { ObservedAt = DateTimeOffset.MinValue } },
            seen with { Observation = Tenant.Seen(run.With("note", "1"), 1).Observation with { ObservedAt = DateTimeOffset.MaxValue } },
        ];
        var receipts = await RecordAsync(all);

        for (var i = 0; i < all.Length; i++) await GivesBackAsync(all[i], receipts[i]);
        var view = await ViewAsync("run_1");
        Assert.Equal((DateTimeOffset.MinValue, DateTimeOffset.MaxValue.ToMicroseconds()), (view.FirstObservedAt, view.LastObservedAt));
        Assert.Equal(9999, view.EndedAt!.Value.Year);
        await Recomputation.AssertHoldsAsync(Ledger.DataSource);
    }

    [Fact]
    public async Task A_transaction_takes_no_more_bytes_than_the_database_can()
    {
        var sizes = new List<int>();
        var counting = new CountingStore(Database.Engine(Ledger.DataSource), sizes);
        var seen = Enumerable.Range(0, 20).Select(run => Tenant.Seen(RunJson.Queued($"run_{run}").With("instructions", $"\"{new string('x', 10_000)}\""), 1));
        await using (var recorder = new ObservationRecorder(counting, Ledger.Views, new() { Lanes = 1, LargestBatchBytes = 30_000 }, TimeProvider.System, NullLogger.Instance))
            await recorder.RecordAsync([.. seen], CancellationToken.None);

        Assert.Equal(20, sizes.Sum());
        Assert.All(sizes, size => Assert.InRange(size, 1, 3));
    }

    // Where every row is, and which transaction wrote it: any write shows.
    private async Task<string> RowsAsync()
    {
        var rows = new List<string>();
        foreach (var table in (string[])["mt_streams", "mt_events", "run_views", "usage_buckets", "contents", "quarantine"])
            rows.AddRange(await Ledger.DataSource.ListAsync<string>(
                $"select concat('{table} ', ctid, ' ', xmin) from runledger.{table} where tenant_id = $1 order by ctid", Tenant.Value));
        Assert.NotEmpty(rows);
        return string.Join('\n', rows);
    }

    private sealed class CountingStore(IEventStore engine, List<int> sizes) : IEventStore
    {
        public Task<IReadOnlyDictionary<RunKey, IReadOnlyList<RunEvent>>> ReadNewerAsync(IReadOnlyList<KnownRun> known, CancellationToken cancellationToken) =>
            engine.ReadNewerAsync(known, cancellationToken);

        public Task AppendAsync(AppendBatch batch, CancellationToken cancellationToken)
        {
            sizes.Add(batch.Events.Count);
            return engine.AppendAsync(batch, cancellationToken);
        }
    }
}
