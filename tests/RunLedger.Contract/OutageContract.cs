using Npgsql;
using RunLedger.Contract.Samples;
using RunLedger.Domain.Runs;
using RunLedger.Postgres;

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

    private string OtherDatabase => new NpgsqlConnectionStringBuilder(Database.ConnectionString) { Database = "postgres", Pooling = false }.ConnectionString;

    private async Task OutOfReachAsync(bool isOut)
    {
        var name = new NpgsqlConnectionStringBuilder(Database.ConnectionString).Database!;
        await using var postgres = NpgsqlDataSource.Create(OtherDatabase);
        await postgres.ExecuteAsync($"alter database {name} with allow_connections {!isOut}");
        if (isOut) await postgres.AskAsync<long>("select count(pg_terminate_backend(pid)) from pg_stat_activity where datname = $1", name);
    }
}
