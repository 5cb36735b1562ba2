using RunLedger.Contract.Samples;
using RunLedger.Domain.Runs;
using RunLedger.Postgres.Recording;
using RunLedger.Postgres.Replay;

namespace RunLedger.Contract;

/// <summary>Views are written by the definitions that they are of, or not at all: hosts of several versions may work beside each other.</summary>
public abstract class ViewDefinitionContract(EngineDatabase database) : LedgerContract(database)
{
    protected static readonly ViewVersions Older = new(Runs: 1, Usage: 1);

    [Fact]
    public async Task A_new_ledger_is_of_the_definitions_of_the_program_that_made_it()
    {
        var live = await Ledger.Views.LiveAsync(CancellationToken.None);
        Assert.Equal((RunView.CurrentVersion, ViewVersions.OfThisProgram.Usage), (live.RunsVersion, live.UsageVersion));
        Assert.Empty(live.Dimensions);
    }

    [Fact]
    public async Task An_older_program_beside_a_newer_view_records_nothing_and_says_why()
    {
        await RecordAsync(RunJson.Queued("run_1"), 1);
        await using var older = await Database.OpenAsync(new RecorderOptions { Views = Older });

        var refused = await Assert.ThrowsAsync<NewerViewsException>(
            () => older.Recorder.RecordAsync([Tenant.Seen(RunJson.Queued("run_2"), 1)], CancellationToken.None));
        Assert.Contains("newer", refused.Message, StringComparison.Ordinal);
        Assert.Null(await Ledger.Runs.FindAsync(Tenant, new("run_2"), CancellationToken.None));
        Assert.NotNull(await older.Runs.FindAsync(Tenant, new("run_1"), CancellationToken.None));
    }

    [Fact]
    public async Task A_newer_program_beside_an_older_view_writes_the_older_rows()
    {
        var connection = await SharedServer.CreateDatabaseAsync();
        await using var older = await Database.OpenAsync(connection, new RecorderOptions { Views = Older });
        var run = RunJson.Queued("run_1");
        await older.Recorder.RecordAsync([Tenant.Seen(run, 1)], CancellationToken.None);
        await using var newer = await Database.OpenAsync(connection);
        await newer.Recorder.RecordAsync([Tenant.Seen(run.Started(2), 2)], CancellationToken.None);
        await older.Recorder.RecordAsync([Tenant.Seen(run.Started(2).Completed(3), 4)], CancellationToken.None);

        Assert.Null((await newer.Runs.FindAsync(Tenant, new("run_1"), CancellationToken.None))!.ToolNames);
        await Recomputation.AssertHoldsAsync(newer.DataSource);
    }
}
