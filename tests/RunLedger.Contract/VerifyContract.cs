using System.Diagnostics.Metrics;
using RunLedger.Contract.Samples;
using RunLedger.Domain.Observations;
using RunLedger.Postgres;
using RunLedger.Postgres.Replay;

namespace RunLedger.Contract;

/// <summary>Views are compared with all events, under load too, and whatever is not as the events make it is named.</summary>
public abstract class VerifyContract(EngineDatabase database) : IAsyncLifetime
{
    private static readonly string[] Both = [ViewNames.Runs, ViewNames.Usage];
    private static readonly TenantId Red = new("red");

    private string _connection = "";

    protected Ledger Ledger { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        _connection = await SharedServer.CreateDatabaseAsync();
        Ledger = await database.OpenAsync(_connection);
        var random = new Random(31);
        foreach (var run in Enumerable.Range(0, 60))
            await Ledger.Recorder.RecordAsync(RandomHistory.Of(random, run % 2 == 0 ? Red : new("blue"), $"run_{run:00}", nasty: run % 4 == 0), CancellationToken.None);
    }

    public async Task DisposeAsync() => await Ledger.DisposeAsync();

    [Fact]
    public async Task A_sound_ledger_has_no_differences_and_all_of_it_is_read()
    {
        var (verification, differences) = await VerifyAsync();
        Assert.Empty(differences);
        Assert.Equal(await Ledger.DataSource.AskAsync<long>("select count(*) from runledger.mt_events"), verification.Events);
        Assert.Equal((60, 0), (verification.Runs, verification.Differences));
    }

    [Theory]
    [InlineData("update runledger.run_views set status = 'lost' where run_id = 'run_02'", "runs: run_02 of tenant red: status is 'lost', by the events")]
    [InlineData("update runledger.run_views set metadata = '{\"team\": \"x\"}' where run_id = 'run_02'", "runs: run_02 of tenant red: metadata is {\"team\": \"x\"}, by the events")]
    [InlineData("update runledger.run_views set tool_names = null where run_id = 'run_02'", "runs: run_02 of tenant red: tool_names is null, by the events '")]
    [InlineData("update runledger.run_views set version = version + 1 where run_id = 'run_02'", "runs: run_02 of tenant red: version is")]
    [InlineData("delete from runledger.run_views where run_id = 'run_02'", "runs: run_02 of tenant red: the row is missing")]
    [InlineData(
        "insert into runledger.run_views select * from jsonb_populate_record((select v from runledger.run_views as v limit 1), '{\"run_id\": \"run_99\", \"tenant_id\": \"red\"}')",
        "runs: run_99 of tenant red: there is a row, but no event")]
    [InlineData("delete from runledger.mt_events where stream_id = 'run_02' and version = 2", "events: run_02 of tenant red: event 2 is lost")]
    [InlineData("delete from runledger.mt_events where stream_id = 'run_02' and version = 1", "events: run_02 of tenant red: event 1 is lost")]
    [InlineData(
        "delete from runledger.mt_events where stream_id = 'run_02' and version = (select max(version) from runledger.mt_events where stream_id = 'run_02')",
        "is lost: the stream is at version")]
    [InlineData("update runledger.mt_streams set version = 1 where id = 'run_02'", "events: run_02 of tenant red: the stream is at version 1, its last event is")]
    [InlineData("delete from runledger.mt_events where stream_id = 'run_02'", "events: run_02 of tenant red: events 1 to ")]
    [InlineData("update runledger.mt_streams set version = 1000000000000 where id = 'run_02'", " to 1000000000000 are lost: the stream is at version 1000000000000")]
    [InlineData("update runledger.mt_events set data = '{}' where stream_id = 'run_02' and version = 2", "events: run_02 of tenant red: event 2 cannot be read")]
    [InlineData(
        "alter table runledger.mt_events drop constraint fkey_mt_events_stream_id_tenant_id; delete from runledger.mt_streams where id = 'run_02'",
        "events: run_02 of tenant red: the stream of these events is lost")]
    public async Task A_difference_of_a_run_is_named(string corruption, string named)
    {
        await Ledger.DataSource.ExecuteAsync(corruption);
        var (verification, differences) = await VerifyAsync();
        Assert.Contains(differences, difference => difference.ToString().Contains(named, StringComparison.Ordinal));
        Assert.Equal(differences.Count, verification.Differences);
        Assert.All(differences, difference => Assert.True(difference.In == "usage" || difference.Of is "run_02" or "run_99", $"{difference}"));
    }

    [Theory]
    [InlineData("update runledger.usage_buckets set prompt_tokens = prompt_tokens + 5 where ctid = (select min(ctid) from runledger.usage_buckets)", "prompt_tokens is")]
    [InlineData("delete from runledger.usage_buckets where ctid = (select min(ctid) from runledger.usage_buckets where runs > 0)", "runs is 0, by the events")]
    [InlineData("insert into runledger.usage_buckets select 'red', '2020-01-01', 'm', 'a', 'response', 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0", "2020-01-01T00h, model 'm', assistant 'a', kind 'response' of tenant red: runs is 1, by the events 0")]
    public async Task A_difference_of_a_bucket_is_named(string corruption, string named)
    {
        await Ledger.DataSource.ExecuteAsync(corruption);
        var (_, differences) = await VerifyAsync();
        Assert.Contains(named, Assert.Single(differences).ToString(), StringComparison.Ordinal);
        Assert.Equal("usage", differences[0].In);
        await Ledger.Projections.RebuildAsync(new(false, true, ViewVersions.OfThisProgram, []), _ => { }, CancellationToken.None);
        Assert.Empty((await VerifyAsync()).Differences);
    }

    [Fact]
    public async Task Under_load_there_is_no_difference_and_a_rebuild_beside_it_ends()
    {
        using var end = new CancellationTokenSource();
        await using var other = await database.OpenAsync(_connection);
        var ingest = Task.Run(async () =>
        {
            var random = new Random(37);
            for (var run = 0; !end.IsCancellationRequested; run++)
                foreach (var group in RandomHistory.Of(random, Red, $"run_{run}", nasty: false).Chunk(2)) await other.Recorder.RecordAsync(group, CancellationToken.None);
        });
        var rebuild = Task.Run(() => other.Projections.RebuildAsync(RebuiltLedger.Both, _ => { }, CancellationToken.None, RebuiltLedger.Tight));
        do Assert.Empty((await VerifyAsync()).Differences);
        while (!rebuild.IsCompleted);
        await rebuild;
        await end.CancelAsync();
        await ingest;
        Assert.Empty((await VerifyAsync()).Differences);
    }

    [Fact]
    public async Task Of_several_hosts_one_verifies_at_a_time_and_per_interval()
    {
        var day = TimeSpan.FromDays(1);
        await using var other = await database.OpenAsync(_connection);
        await Ledger.DataSource.ExecuteAsync("update runledger.run_views set status = 'lost' where run_id = 'run_02'; update runledger.usage_buckets set runs = runs + 1");
        var meanwhile = new List<VerificationTurn>();
        var turn = await Ledger.Projections.VerifyInTurnAsync(
            day, _ => meanwhile.Add(other.Projections.VerifyInTurnAsync(day, _ => { }, CancellationToken.None).GetAwaiter().GetResult()), CancellationToken.None);
        Assert.Equal(turn.Made!.Differences, meanwhile.Count);
        Assert.All(meanwhile, refused => Assert.True(refused is { Made: null, Wait.TotalSeconds: > 0 and <= 60 }, $"{refused}"));

        var views = (await other.Projections.StatusAsync(CancellationToken.None)).Views;
        Assert.Equal((1, turn.Made.Differences - 1), (views[0].Differences, views[1].Differences));
        Assert.All(views, view => Assert.NotNull(view.VerifiedAt));

        var asked = await Task.WhenAll(Enumerable.Range(0, 6).Select(host => (host % 2 == 0 ? Ledger : other).Projections.VerifyInTurnAsync(day, _ => { }, CancellationToken.None)));
        Assert.All(asked, refused => Assert.True(refused.Made is null && refused.Wait <= day && refused.Wait > TimeSpan.Zero, $"{refused}"));

        // A day later, all ask at once.
        await Ledger.DataSource.ExecuteAsync("update runledger.projections set verified_at = verified_at - interval '1 day 1 second'");
        asked = await Task.WhenAll(Enumerable.Range(0, 6).Select(host => (host % 2 == 0 ? Ledger : other).Projections.VerifyInTurnAsync(day, _ => { }, CancellationToken.None)));
        Assert.Single(asked, made => made.Made is not null);
    }

    [Fact]
    public async Task A_host_that_dies_while_it_verifies_keeps_no_other_from_it()
    {
        var day = TimeSpan.FromDays(1);
        await using var other = await database.OpenAsync(_connection);
        using var death = new CancellationTokenSource();
        await Ledger.DataSource.ExecuteAsync("update runledger.run_views set status = 'lost' where run_id = 'run_02'");
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Ledger.Projections.VerifyInTurnAsync(day, _ => death.Cancel(), death.Token));

        Assert.Equal(1, (await other.Projections.VerifyInTurnAsync(day, _ => { }, CancellationToken.None)).Made?.Differences);
    }

    [Fact]
    public async Task The_differences_that_were_found_are_measured()
    {
        var measured = new List<long>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Name == "runledger.verification.differences") listener.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>((_, value, tags, _) =>
        {
            if ((string?)tags[0].Value == "runs") lock (measured) measured.Add(value);
        });
        listener.Start();
        await Ledger.DataSource.ExecuteAsync("update runledger.run_views set status = 'lost' where run_id < 'run_05'");
        await Ledger.Projections.VerifyAsync([ViewNames.Runs], _ => { }, _ => { }, CancellationToken.None);
        listener.RecordObservableInstruments();
        Assert.Contains(5, measured);
    }

    private async Task<(Verification Verification, List<Difference> Differences)> VerifyAsync()
    {
        var differences = new List<Difference>();
        var verification = await Ledger.Projections.VerifyAsync(Both, differences.Add, _ => { }, CancellationToken.None);
        return (verification, differences);
    }
}
