using RunLedger.Contract.Samples;
using RunLedger.Domain.Runs;
using RunLedger.Postgres.Recording;

namespace RunLedger.Contract;

/// <summary>G2: the same observation sent any number of times, by any number of clients at once, yields its events once.</summary>
public abstract class ExactlyOnceContract(EngineDatabase database) : LedgerContract(database)
{
    [Fact]
    public async Task Observations_that_many_clients_send_to_two_hosts_at_once_make_their_events_once()
    {
        var random = new Random(7);
        var all = Enumerable.Range(0, 25).SelectMany(run => RandomHistory.Of(random, Tenant, $"run_{run}")).ToList();
        await using var other = await Database.OpenAsync();
        var clients = Enumerable.Range(0, 16).Select(client => (ledger: client % 2 == 0 ? Ledger : other, sent: Shuffled(random, all))).ToList();

        var recorded = await Task.WhenAll(clients.Select(client => Task.Run(async () =>
        {
            var receipts = new List<(Submission.Observed, Receipt)>();
            foreach (var group in client.sent.Chunk(7))
                receipts.AddRange(group.Zip(await client.ledger.Recorder.RecordAsync(group, CancellationToken.None)));
            return receipts;
        })));

        var receipts = recorded.SelectMany(item => item).ToList();
        await GiveBackAsync(receipts);
        await Recomputation.AssertHoldsAsync(Ledger.DataSource);
        await AssertEachIsThereOnceAsync(receipts);
    }

    [Fact]
    public async Task One_observation_sent_by_sixteen_clients_is_recorded_for_one_and_unchanged_for_the_others()
    {
        await using var other = await Database.OpenAsync();
        var seen = Tenant.Seen(RunJson.Queued("run_1").Started(1), 1);
        var receipts = await Task.WhenAll(Enumerable.Range(0, 16).Select(client =>
            Task.Run(async () => (await (client % 2 == 0 ? Ledger : other).Recorder.RecordAsync([seen], CancellationToken.None))[0])));

        Assert.Single(receipts, receipt => receipt.Outcome == Outcome.Recorded);
        Assert.Equal(15, receipts.Count(receipt => receipt.Outcome == Outcome.Unchanged));
        Assert.Single(receipts.Select(receipt => receipt.Version).Distinct());
        Assert.Equal(["run_queued", "run_started"], (await HistoryAsync("run_1")).Events.Select(recorded => RunEventTypes.Of(recorded.Event).Alias));
    }

    [Fact]
    public async Task A_request_that_was_captured_twice_is_recorded_once()
    {
        var seen = Tenant.Seen(RunJson.Queued("run_1"), 1);
        var request = new Domain.Observations.CapturedRequest(
            Domain.Observations.RequestKind.Create, new("""{"assistant_id":"asst_1"}"""u8.ToArray()));
        var captured = seen with { Observation = seen.Observation with { Request = request } };
        await using var other = await Database.OpenAsync();

        Assert.Equal(["run_queued"], (await RecordAsync(seen))[0].Events);
        Assert.Equal(["run_requested"], (await RecordAsync(captured))[0].Events);
        Assert.Equal([], (await RecordAsync(captured))[0].Events);
        Assert.Equal([], (await other.Recorder.RecordAsync([captured], CancellationToken.None))[0].Events);
    }

    // An observation closes its group of events with its digest: no run has the same snapshot of the same time twice.
    private async Task AssertEachIsThereOnceAsync(List<(Submission.Observed Submission, Receipt Receipt)> receipts)
    {
        foreach (var run in receipts.Select(item => item.Submission.Observation.Snapshot.Id.Value).Distinct())
        {
            var closed = (await HistoryAsync(run)).Events.Where(recorded => recorded.Event.Closes is not null)
                .Select(recorded => (recorded.Event.Closes, recorded.Event.Sighting.ObservedAt)).ToList();
            Assert.Equal(closed.Distinct(), closed);
        }
        var made = receipts.Where(item => item.Receipt.Events.Count > 0).ToList();
        var stored = await Ledger.DataSource.AskAsync<long>("select count(*) from runledger.mt_events where tenant_id = $1", Tenant.Value);
        Assert.Equal(stored, made.Sum(item => item.Receipt.Events.Count));
    }

    private static List<Submission.Observed> Shuffled(Random random, List<Submission.Observed> all)
    {
        var shuffled = all.ToArray();
        random.Shuffle(shuffled);
        return [.. shuffled];
    }
}
