using RunLedger.Contract.Samples;
using RunLedger.Postgres;
using RunLedger.Postgres.Recording;
using RunLedger.Postgres.Replay;

namespace RunLedger.Contract;

/// <summary>G6: views are rebuilt beside the live ones, from the same events to the same rows, whatever happens on the way.</summary>
public abstract class RebuildContract(EngineDatabase database) : IAsyncLifetime
{
    /// <summary>So little that nearly every run is in several ranges, chunks and batches.</summary>
    protected static readonly ReplayLimits Tight = new()
    {
        Ranges = 5,
        Workers = 3,
        LeastPositionsInRange = 10,
        PositionsInChunk = 40,
        RunsInMemory = 8,
        RunsInBatch = 7,
        BucketsInMemory = 3,
        EventsAtSwitch = 5,
    };

    protected static readonly RebuildTarget Both = new(true, true, ViewVersions.OfThisProgram, []);

    private string _connection = "";

    protected EngineDatabase Database => database;

    protected Ledger Ledger { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        _connection = await SharedServer.CreateDatabaseAsync();
        Ledger = await database.OpenAsync(_connection);
    }

    public async Task DisposeAsync() => await Ledger.DisposeAsync();

    protected Task<Ledger> OpenAnotherAsync(RecorderOptions? options = null) => database.OpenAsync(_connection, options);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Rebuilt_views_are_what_the_events_make_of_them_however_damaged_the_old_ones_were(bool tight)
    {
        await RecordRandomRunsAsync(Ledger, seed: 1, runs: 120);
        await Ledger.DataSource.ExecuteAsync(
            """
            delete from runledger.run_views where run_id like '%1'; update runledger.run_views set status = 'lost', prompt_tokens = 7;
            insert into runledger.run_views select (v).* from (select v from runledger.run_views as v limit 1) as one on conflict do nothing;
            update runledger.usage_buckets set runs = runs + 1; delete from runledger.usage_buckets where model = 'o3';
            """);

        await Ledger.Projections.RebuildAsync(Both, _ => { }, CancellationToken.None, tight ? Tight : null);
        await Recomputation.AssertHoldsAsync(Ledger.DataSource);
        Assert.Equal(0, await Ledger.DataSource.AskAsync<long>("select count(*) from pg_class where relname ~ '_(next|old)' and relnamespace = 'runledger'::regnamespace"));
        await RecordRandomRunsAsync(Ledger, seed: 2, runs: 20);
        await Recomputation.AssertHoldsAsync(Ledger.DataSource);
    }

    protected static async Task RecordRandomRunsAsync(Ledger ledger, int seed, int runs)
    {
        var random = new Random(seed);
        Domain.Observations.TenantId[] tenants = [new("red"), new("blue"), new("green")];
        var lives = Enumerable.Range(0, runs).Select(run => RandomHistory.Of(random, tenants[run % 3], $"run_{run}", nasty: run % 4 == 0)).ToList();
        // Side by side, so that the events of a run do not stand together.
        for (var step = 0; lives.Exists(life => life.Count > step); step++)
            await ledger.Recorder.RecordAsync([.. lives.Where(life => life.Count > step).Select(life => life[step])], CancellationToken.None);
    }
}
