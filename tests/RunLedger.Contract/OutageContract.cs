using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using RunLedger.Contract.Samples;
using RunLedger.Domain.Runs;
using RunLedger.Postgres;
using RunLedger.Postgres.Recording;

namespace RunLedger.Contract;

/// <summary>A database that cannot be reached: short outages pass unnoticed, of long ones the submitter is told.</summary>
public abstract class OutageContract(EngineDatabase database) : LedgerContract(database)
{
    [Fact]
    public async Task An_outage_longer_than_the_retries_is_told_and_later_submissions_are_recorded()
    {
        await using var ledger = await Database.OpenAsync(new() { RetryFor = TimeSpan.FromMilliseconds(200) });
        await OutOfReachAsync(true);
        await Assert.ThrowsAnyAsync<NpgsqlException>(() => ledger.Recorder.RecordAsync([Tenant.Seen(RunJson.Queued("run_1"), 1)], CancellationToken.None));
        await OutOfReachAsync(false);
        Ledger.DataSource.Clear();

        var seen = Tenant.Seen(RunJson.Queued("run_1"), 1);
        var receipt = (await ledger.Recorder.RecordAsync([seen], CancellationToken.None))[0];
        Assert.Equal(Outcome.Recorded, receipt.Outcome);
        await GivesBackAsync(seen, receipt);
    }

    [Fact]
    public async Task A_short_outage_delays_receipts_and_loses_nothing()
    {
        await RecordAsync(RunJson.Queued("run_1"), 1);
        await OutOfReachAsync(true);
        var waiting = RecordEachAsync(Ledger, Enumerable.Range(0, 30).Select(run => Tenant.Seen(RunJson.Queued($"run_{run}").Started(2), 2)));
        await using (var postgres = NpgsqlDataSource.Create(OtherDatabase))
            await Eventually.HoldsAsync("the recorder was refused", async () => await postgres.AskAsync<bool>(
                "select not exists (select from pg_stat_activity where datname = $1)", new NpgsqlConnectionStringBuilder(Database.ConnectionString).Database!));
        await OutOfReachAsync(false);

        var recorded = await waiting;
        Ledger.DataSource.Clear();
        await GiveBackAsync(recorded);
        await Recomputation.AssertHoldsAsync(Ledger.DataSource);
    }

    [Fact]
    public async Task A_statement_that_an_operator_cancels_is_sent_again()
    {
        await RecordAsync(RunJson.Queued("run_1"), 1);
        await using var holder = await Ledger.DataSource.OpenConnectionAsync();
        await using var transaction = await holder.BeginTransactionAsync();
        await using (var lockTable = new NpgsqlCommand("lock table runledger.mt_events in access exclusive mode", holder))
            await lockTable.ExecuteNonQueryAsync();
        var waiting = RecordEachAsync(Ledger, [Tenant.Seen(RunJson.Queued("run_1").Started(2), 2)]);
        await using var observer = NpgsqlDataSource.Create(OtherDatabase);
        await Eventually.HoldsAsync("the waiting statement is cancelled", async () => await observer.AskAsync<long>(
            "select count(*) filter (where pg_cancel_backend(pid)) from pg_stat_activity where datname = $1 and wait_event_type = 'Lock'",
            new NpgsqlConnectionStringBuilder(Database.ConnectionString).Database!) > 0);
        await transaction.RollbackAsync();

        await GiveBackAsync(await waiting);
    }

    [Fact]
    public async Task Who_waits_behind_others_is_told_of_an_outage_as_soon_as_they_are()
    {
        var clock = new HurriedClock();
        var store = new FailingStore(Database.Engine(Ledger.DataSource), clock) { AwayUntil = long.MaxValue };
        await using var recorder = RecorderOf(store, clock);
        var begin = clock.GetTimestamp();
        var waiting = Enumerable.Range(0, 5).Select(run => recorder.RecordAsync([Tenant.Seen(RunJson.Queued($"run_{run}"), 1)], CancellationToken.None)).ToList();
        store.Answer.SetResult();

        foreach (var told in waiting) await Assert.ThrowsAsync<NpgsqlException>(() => told);

        Assert.InRange(clock.GetElapsedTime(begin), TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(35));
    }

    [Fact]
    public async Task Each_outage_is_borne_for_as_long_as_the_first()
    {
        var clock = new HurriedClock();
        var store = new FailingStore(Database.Engine(Ledger.DataSource), clock);
        await using var recorder = RecorderOf(store, clock);
        store.Answer.SetResult();
        for (var outage = 0; outage < 4; outage++)
        {
            var seen = Tenant.Seen(RunJson.Queued($"run_{outage}"), 1);
            store.AwayUntil = clock.GetTimestamp() + TimeSpan.FromSeconds(20).Ticks;

            await GivesBackAsync(seen, (await recorder.RecordAsync([seen], CancellationToken.None))[0]);
        }
    }

    [Fact]
    public async Task A_recorder_that_ends_during_an_outage_tells_its_submitters_soon()
    {
        var clock = new HurriedClock();
        var store = new FailingStore(Database.Engine(Ledger.DataSource), clock) { AwayUntil = long.MaxValue };
        var recorder = RecorderOf(store, clock);
        var waiting = Enumerable.Range(0, 5).Select(run => recorder.RecordAsync([Tenant.Seen(RunJson.Queued($"run_{run}"), 1)], CancellationToken.None)).ToList();
        recorder.Hurry();
        var begin = clock.GetTimestamp();
        store.Answer.SetResult();

        foreach (var told in waiting) await Assert.ThrowsAsync<NpgsqlException>(() => told);
        await recorder.DisposeAsync();

        Assert.InRange(clock.GetElapsedTime(begin), TimeSpan.Zero, TimeSpan.FromSeconds(5));
    }

    private ObservationRecorder RecorderOf(FailingStore store, TimeProvider clock) =>
        new(store, Ledger.Views, new RecorderOptions { LargestBatch = 1 }, clock, NullLogger.Instance);

    private string OtherDatabase => new NpgsqlConnectionStringBuilder(Database.ConnectionString) { Database = "postgres", Pooling = false }.ConnectionString;

    private async Task OutOfReachAsync(bool isOut)
    {
        var name = new NpgsqlConnectionStringBuilder(Database.ConnectionString).Database!;
        await using var postgres = NpgsqlDataSource.Create(OtherDatabase);
        await postgres.ExecuteAsync($"alter database {name} with allow_connections {!isOut}");
        if (isOut) await postgres.AskAsync<long>("select count(pg_terminate_backend(pid)) from pg_stat_activity where datname = $1", name);
    }

    /// <summary>An engine whose database is away until a time. It answers from when it may.</summary>
    private sealed class FailingStore(IEventStore engine, TimeProvider clock) : IEventStore
    {
        public long AwayUntil { get; set; }

        public TaskCompletionSource Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<IReadOnlyDictionary<RunKey, IReadOnlyList<RunEvent>>> ReadNewerAsync(IReadOnlyList<KnownRun> known, CancellationToken cancellationToken) =>
            engine.ReadNewerAsync(known, cancellationToken);

        public async Task AppendAsync(AppendBatch batch, CancellationToken cancellationToken)
        {
            await Answer.Task;
            if (clock.GetTimestamp() < AwayUntil) throw new NpgsqlException("The database is away.");
            await engine.AppendAsync(batch, cancellationToken);
        }
    }

    /// <summary>A clock by which every wait takes its time, and is over at once.</summary>
    private sealed class HurriedClock : TimeProvider
    {
        private long _now = 1;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Volatile.Read(ref _now);

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            Interlocked.Add(ref _now, dueTime.Ticks);
            return System.CreateTimer(callback, state, TimeSpan.Zero, period);
        }
    }
}
