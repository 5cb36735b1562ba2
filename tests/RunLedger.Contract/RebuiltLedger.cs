using RunLedger.Contract.Samples;
using RunLedger.Domain.Observations;
using RunLedger.Postgres;
using RunLedger.Postgres.Recording;
using RunLedger.Postgres.Replay;

namespace RunLedger.Contract;

/// <summary>What contracts about rebuilding views have in common: a ledger of its own for each test, and random runs of several tenants in it.</summary>
public abstract class RebuiltLedger(EngineDatabase database) : IAsyncLifetime
{
    /// <summary>So little that nearly every run is in several ranges, chunks and batches.</summary>
    internal static readonly ReplayLimits Tight = new()
    {
        Ranges = 5,
        Workers = 3,
        LeastPositionsInRange = 10,
        PositionsInChunk = 40,
        RunsInMemory = 8,
        RunsInBatch = 7,
        BucketsInMemory = 3,
        EventsAtSwitch = 5,
        ProgressInterval = TimeSpan.Zero,
    };

    internal static readonly RebuildTarget Both = new(true, true, ViewVersions.OfThisProgram, []);

    protected static readonly TenantId Red = new("red");

    protected string ConnectionString { get; private set; } = "";

    protected EngineDatabase Database => database;

    protected Ledger Ledger { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        ConnectionString = await SharedServer.CreateDatabaseAsync();
        Ledger = await database.OpenAsync(ConnectionString);
    }

    public async Task DisposeAsync() => await Ledger.DisposeAsync();

    protected Task<Ledger> OpenAnotherAsync(RecorderOptions? options = null) => database.OpenAsync(ConnectionString, options);

    protected static async Task RecordRandomRunsAsync(Ledger ledger, int seed, int runs)
    {
        var random = new Random(seed);
        TenantId[] tenants = [Red, new("blue"), new("green")];
        var lives = Enumerable.Range(0, runs).Select(run => RandomHistory.Of(random, tenants[run % 3], $"run_{run}", nasty: run % 4 == 0)).ToList();
        // Side by side, so that the events of a run do not stand together.
        for (var step = 0; lives.Exists(life => life.Count > step); step++)
            await ledger.Recorder.RecordAsync([.. lives.Where(life => life.Count > step).Select(life => life[step])], CancellationToken.None);
    }
}
