using RunLedger.Contract.Samples;
using RunLedger.Domain.Runs;
using RunLedger.Postgres.Feed;

namespace RunLedger.Contract;

/// <summary>Events that an earlier version wrote are read by all readers as what they meant, and are never rewritten.</summary>
public abstract class EvolutionContract(EngineDatabase database) : LedgerContract(database)
{
    [Fact]
    public async Task A_ledger_of_an_earlier_version_is_read_and_appended_to()
    {
        var run = RunJson.Queued("run_1").Started(1);
        await RecordAsync(run, 1);
        await RecordAsync(run.With("created_at", $"{Observed.At(-7).ToUnixTimeSeconds()}").With("thread_id", "\"thread_2\""), 2);
        var expected = await ContradictionsAsync();
        await AsVersion1Async();

        await using var later = await Database.OpenAsync();
        Assert.Equal(expected, await ContradictionsAsync());
        var done = Tenant.Seen(run.Completed(9), 9);
        var receipt = Assert.Single(await later.Recorder.RecordAsync([done], CancellationToken.None));

        await GivesBackAsync(done, receipt);
        Assert.Equal(["contradiction_observed", "contradiction_observed"], await NamesInFeedAsync());
        Assert.Equal(
            ["contradiction_observed", "contradiction_observed_v2"],
            await Ledger.DataSource.ListAsync<string>(
                "select type from runledger.mt_events where tenant_id = $1 and type like 'contradiction%' order by version", Tenant.Value));
    }

    private async Task<List<Contradiction>> ContradictionsAsync() =>
        [.. (await HistoryAsync("run_1")).Events.Select(recorded => recorded.Event).OfType<ContradictionObserved>().SelectMany(found => found.Contradictions)];

    private async Task<List<string>> NamesInFeedAsync()
    {
        var names = new List<string>();
        await foreach (var page in Ledger.Feed.ReadAsync(Tenant, new FeedRequest { Types = ["contradiction_observed"] }, CancellationToken.None))
            names.AddRange(page.Events.Select(next => RunEventTypes.Of(next.Recorded.Event).Name));
        return names;
    }

    // What the version before wrote.
    private Task AsVersion1Async() => Ledger.DataSource.ExecuteAsync(
        $$"""
        update runledger.mt_events set type = 'contradiction_observed', data = jsonb_set(data, '{contradictions}', (
          select jsonb_agg(jsonb_build_object(
            'field', one -> 'field', 'recorded', (one -> 'recorded')::text, 'observed', coalesce((one -> 'observed')::text, 'absent')))
          from jsonb_array_elements(data -> 'contradictions') as one))
        where tenant_id = '{{Tenant}}' and type = 'contradiction_observed_v2'
        """);
}
