using RunLedger.Contract.Json;
using RunLedger.Contract.Samples;
using RunLedger.Domain.Observations;
using RunLedger.Domain.Runs;
using RunLedger.Postgres;
using RunLedger.Postgres.Recording;

namespace RunLedger.Contract;

/// <summary>What every engine behind <see cref="IEventStore"/> has to keep. A test's tenant is its own; the database is its class's.</summary>
public abstract class LedgerContract(EngineDatabase database) : IAsyncLifetime
{
    private static int _tenants;

    protected EngineDatabase Database => database;

    protected Ledger Ledger { get; private set; } = null!;

    protected TenantId Tenant { get; } = NewTenant();

    public async Task InitializeAsync() => Ledger = await database.OpenAsync();

    public async Task DisposeAsync() => await Ledger.DisposeAsync();

    protected static TenantId NewTenant() => new($"tenant-{Interlocked.Increment(ref _tenants)}");

    /// <summary>Records one snapshot, seen so many seconds after the epoch.</summary>
    protected async Task<Receipt> RecordAsync(object json, double second) => (await RecordAsync(Tenant.Seen(json, second)))[0];

    protected Task<IReadOnlyList<Receipt>> RecordAsync(params IReadOnlyList<Submission> submissions) =>
        Ledger.Recorder.RecordAsync(submissions, CancellationToken.None);

    protected async Task<RunView> ViewAsync(string run)
    {
        var view = await Ledger.Runs.FindAsync(Tenant, new RunId(run), CancellationToken.None);
        return Assert.IsType<RunView>(view);
    }

    protected async Task<RunHistory> HistoryAsync(string run)
    {
        var history = await Ledger.Runs.HistoryAsync(Tenant, new RunId(run), CancellationToken.None);
        return Assert.IsType<RunHistory>(history);
    }

    /// <summary>The receipt's version gives back the snapshot, deep-equal.</summary>
    protected async Task GivesBackAsync(Submission.Observed submission, Receipt receipt)
    {
        Assert.Null(receipt.Error);
        var (run, json) = (submission.Observation.Snapshot.Id, submission.Observation.Snapshot.Json.ToString());
        JsonAssert.DeepEqual(json, await Ledger.Runs.AtVersionAsync(submission.Tenant, run, receipt.Version!.Value, CancellationToken.None));
    }

    /// <summary>Each receipt's version gives back its snapshot: histories are read once for each run.</summary>
    protected async Task GiveBackAsync(IReadOnlyList<(Submission.Observed Submission, Receipt Receipt)> recorded)
    {
        foreach (var tenant in recorded.GroupBy(item => item.Submission.Tenant))
        {
            var runs = tenant.Select(item => item.Submission.Observation.Snapshot.Id.Value).Distinct().ToList();
            var histories = await Ledger.Runs.HistoriesAsync(tenant.Key, runs, CancellationToken.None);
            foreach (var (submission, receipt) in tenant)
            {
                Assert.Null(receipt.Error);
                var snapshot = submission.Observation.Snapshot;
                var fields = histories[snapshot.Id.Value].SnapshotAt(receipt.Version!.Value);
                var json = await Ledger.Runs.JsonAsync(tenant.Key, fields, CancellationToken.None);
                JsonAssert.DeepEqual(snapshot.Json.ToString(), json);
                Assert.Equal(snapshot.Digest, Observed.Snapshot(json!.Value.ToString()).Digest);
            }
        }
    }

    /// <summary>
    /// Sends all again until none is news any more. An observation that shows nothing new is not kept; where one from before it arrives later
    /// and shows something else, it is news when it is sent again, and recorded then.
    /// </summary>
    protected static async Task SettleAsync(Ledger ledger, IReadOnlyList<Submission> all)
    {
        for (var round = 0; round < 4; round++)
        {
            var receipts = await ledger.Recorder.RecordAsync(all, CancellationToken.None);
            if (receipts.All(receipt => receipt.Outcome == Outcome.Unchanged)) return;
            Assert.All(receipts, receipt => Assert.True(receipt.Outcome is Outcome.Unchanged or Outcome.Late, $"{receipt}"));
        }
        Assert.Fail("Sent for the fourth time, something was news still.");
    }

    /// <summary>Submits each in a task of its own and gives back the receipts.</summary>
    protected static async Task<IReadOnlyList<(Submission.Observed Submission, Receipt Receipt)>> RecordEachAsync(
        Ledger ledger, IEnumerable<Submission.Observed> submissions) =>
        await Task.WhenAll(submissions.Select(async submission =>
            (submission, (await ledger.Recorder.RecordAsync([submission], CancellationToken.None))[0])));
}
