using JasperFx.Events;
using JasperFx.Events.Projections;
using Marten;
using Marten.Events.Aggregation;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using RunLedger.Contract;
using RunLedger.Contract.Json;
using RunLedger.Contract.Samples;
using RunLedger.Domain.Observations;
using RunLedger.Domain.Runs;
using RunLedger.Postgres;
using RunLedger.Postgres.Recording;

namespace RunLedger.Marten.Tests;

/// <summary>One database, two engines and plain Marten: what one writes, the others read, append to and rebuild from.</summary>
public sealed class InterchangeTests : IAsyncLifetime
{
    private static readonly TenantId Tenant = new("one");
    private static readonly TenantId Other = new("two");

    private string _connection = "";
    private NpgsqlDataSource _dataSource = null!;

    public async Task InitializeAsync()
    {
        _connection = await SharedServer.CreateDatabaseAsync();
        _dataSource = NpgsqlDataSource.Create(_connection);
    }

    public async Task DisposeAsync() => await _dataSource.DisposeAsync();

    [Fact]
    public async Task Marten_finds_no_difference_in_a_ledger_that_the_Npgsql_engine_wrote_once_it_has_been_opened_with_Martens()
    {
        await RecordAsync(Npgsql, Random(1));
        await RecordAsync(Martens, []);
        await RecordAsync(Npgsql, Random(2));

        await using var store = Plain(options => options.DatabaseSchemaName = LedgerStore.Schema);
        await store.Storage.Database.AssertDatabaseMatchesConfigurationAsync();
        await Recomputation.AssertHoldsAsync(_dataSource);
    }

    [Fact]
    public async Task Opening_with_Martens_engine_again_changes_nothing()
    {
        await RecordAsync(Martens, Random(1));
        var before = await ObjectsAsync();
        await RecordAsync(Martens, Random(2));
        Assert.Equal(before, await ObjectsAsync());

        Task<List<string>> ObjectsAsync() => _dataSource.ListAsync<string>(
            """
            select concat(relname, ' ', pg_class.xmin) from pg_class where relnamespace = 'runledger'::regnamespace and relkind in ('r', 'i')
            union all select concat(proname, ' ', xmin) from pg_proc where pronamespace = 'runledger'::regnamespace
            order by 1
            """);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Each_engine_goes_on_with_what_the_other_has_written(bool npgsqlFirst)
    {
        Func<NpgsqlDataSource, IEngine> first = npgsqlFirst ? Npgsql : Martens, second = npgsqlFirst ? Martens : Npgsql;
        var all = Random(3);
        var recorded = await RecordAsync(first, all[..(all.Count / 2)]);
        recorded.AddRange(await RecordAsync(second, all[(all.Count / 2)..]));

        foreach (var engine in new[] { first, second })
        {
            await using var ledger = await OpenAsync(engine);
            foreach (var (submission, receipt) in recorded)
                JsonAssert.DeepEqual(
                    submission.Observation.Snapshot.Json.ToString(),
                    await ledger.Runs.AtVersionAsync(submission.Tenant, submission.Observation.Snapshot.Id, receipt.Version!.Value, CancellationToken.None));
        }
        await Recomputation.AssertHoldsAsync(_dataSource);
        Assert.All(await RecordAsync(second, all), item => Assert.True(item.Receipt.Outcome is Outcome.Unchanged or Outcome.Late));
    }

    [Fact]
    public async Task Both_engines_write_the_same_rows()
    {
        var all = Random(4);
        await RecordAsync(Npgsql, all);
        var byNpgsql = await RowsAsync();
        await _dataSource.ExecuteAsync("truncate runledger.mt_streams, runledger.mt_events, runledger.run_views, runledger.usage_buckets, runledger.contents");
        await RecordAsync(Martens, all);
        Assert.Equal(byNpgsql, await RowsAsync());
        Assert.Equal(1, await _dataSource.AskAsync<long>("select count(distinct xmin::text) from runledger.mt_events")); // One session for all.

        // Marten writes that there are no headers as JSON's null, the Npgsql engine as SQL's.
        Task<List<string>> RowsAsync() => _dataSource.ListAsync<string>(
            """
            select concat_ws(' ', 'event', tenant_id, stream_id, version, type, mt_dotnet_type, data, correlation_id, causation_id, nullif(headers, 'null'), bdata, is_archived)
            from runledger.mt_events
            union all select concat_ws(' ', 'stream', tenant_id, id, type, version, is_archived) from runledger.mt_streams
            union all select concat('view ', view) from runledger.run_views as view
            union all select concat('usage ', bucket) from runledger.usage_buckets as bucket
            union all select concat('content ', content) from runledger.contents as content
            order by 1
            """);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Plain_Marten_reads_every_event_as_the_ledger_does(bool byNpgsql)
    {
        await RecordAsync(byNpgsql ? Npgsql : Martens, Random(5));
        await using var ledger = await OpenAsync(Npgsql);
        await using var store = Plain();
        foreach (var tenant in new[] { Tenant, Other })
            foreach (var run in await _dataSource.ListAsync<string>("select id from runledger.mt_streams where tenant_id = $1", tenant.Value))
            {
                await using var session = store.QuerySession(tenant.Value);
                var expected = (await ledger.Runs.HistoryAsync(tenant, new RunId(run), CancellationToken.None))!.Events;
                var read = await session.Events.FetchStreamAsync(run);
                Assert.Equal(expected.Select(known => (known.Version, known.Position, Json(known.Event))), read.Select(next => (next.Version, next.Sequence, Json((RunEvent)next.Data))));
            }
    }

    [Fact]
    public async Task What_plain_Marten_appends_is_recorded_with_all_that_belongs_to_it()
    {
        await RecordAsync(Martens, Random(6));
        await RecordAsync(Npgsql, [Tenant.Seen(RunJson.Queued("run_1"), 1)]);
        var large = $"\"{new string('x', 5_000)}\"";
        await using (var store = Plain())
        {
            await using var session = store.LightweightSession(Tenant.Value);
            session.CorrelationId = "by-hand";
            session.Events.Append("run_1", [.. Decided(RunJson.Queued("run_1"), RunJson.Queued("run_1").Started(2).With("instructions", large))]);
            session.Events.Append("run_2", [.. Decided(null, RunJson.Queued("run_2"))]);
            await session.SaveChangesAsync();
        }

        await Recomputation.AssertHoldsAsync(_dataSource);
        await using var ledger = await OpenAsync(Npgsql);
        var again = await ledger.Recorder.RecordAsync(
            [Tenant.Seen(RunJson.Queued("run_1").Started(2).With("instructions", large), 9), Tenant.Seen(RunJson.Queued("run_1").Started(2).Completed(9), 10)],
            CancellationToken.None);
        Assert.Equal([Outcome.Unchanged, Outcome.Recorded], again.Select(receipt => receipt.Outcome));
        JsonAssert.DeepEqual(
            RunJson.Queued("run_1").Started(2).With("instructions", large).ToString(),
            await ledger.Runs.AtVersionAsync(Tenant, new RunId("run_1"), again[0].Version!.Value, CancellationToken.None));
        Assert.Equal("by-hand", await _dataSource.AskAsync<string>("select correlation_id from runledger.mt_events where tenant_id = 'one' and stream_id = 'run_2'"));
    }

    [Fact]
    public async Task A_conflict_in_plain_Marten_leaves_nothing_behind()
    {
        await RecordAsync(Martens, [Tenant.Seen(RunJson.Queued("run_1"), 1)]);
        await using var store = Plain();
        for (var attempt = 0; attempt < 3; attempt++)
        {
            await using var session = store.LightweightSession(Tenant.Value);
            session.Events.Append("run_0", [.. Decided(null, RunJson.Queued("run_0"))]);
            session.Events.Append("run_1", expectedVersion: 1, [.. Decided(null, RunJson.Queued("run_1"))]);
            await Assert.ThrowsAsync<EventStreamUnexpectedMaxEventIdException>(() => session.SaveChangesAsync());
        }
        await RecordAsync(Martens, [Tenant.Seen(RunJson.Queued("run_2"), 1)]);

        Assert.Equal(["run_1", "run_2"], await _dataSource.ListAsync<string>("select id from runledger.mt_streams order by 1"));
        await Recomputation.AssertHoldsAsync(_dataSource);
    }

    [Fact]
    public async Task Hosts_of_both_engines_that_first_record_the_same_new_runs_at_once_lose_and_double_nothing()
    {
        await using var martens = await OpenAsync(Martens);
        await using var npgsql = await OpenAsync(Npgsql);
        var deadlocks = await DeadlocksAsync();
        var recorded = new List<(Submission.Observed Submission, Receipt Receipt)>();
        for (var round = 0; round < 60; round++)
        {
            var runs = Enumerable.Range(0, 40).Select(run => RunJson.Queued($"run_{round}_{run}")).ToList();
            var one = runs.Select(run => Tenant.Seen(run.With("by", "1"), 1)).ToList();
            var other = Enumerable.Reverse(runs).Select(run => Tenant.Seen(run.With("by", "2"), 2)).ToList();
            var receipts = await Task.WhenAll(
                martens.Recorder.RecordAsync(round % 2 == 0 ? one : other, CancellationToken.None),
                npgsql.Recorder.RecordAsync(round % 2 == 0 ? other : one, CancellationToken.None));
            recorded.AddRange((round % 2 == 0 ? one : other).Zip(receipts[0]));
            recorded.AddRange((round % 2 == 0 ? other : one).Zip(receipts[1]));
        }

        foreach (var (submission, receipt) in recorded)
        {
            Assert.NotEqual(Outcome.Unchanged, receipt.Outcome);
            JsonAssert.DeepEqual(
                submission.Observation.Snapshot.Json.ToString(),
                await npgsql.Runs.AtVersionAsync(Tenant, submission.Observation.Snapshot.Id, receipt.Version!.Value, CancellationToken.None));
        }
        Assert.Equal(recorded.Count, recorded.Select(item => (item.Receipt.Run, item.Receipt.Version)).Distinct().Count());
        Assert.Equal(recorded.Sum(item => item.Receipt.Events.Count), await _dataSource.AskAsync<long>("select count(*) from runledger.mt_events"));
        await Recomputation.AssertHoldsAsync(_dataSource);
        // Statistics of a session are those of the database at the latest when it ends.
        await martens.DisposeAsync();
        await npgsql.DisposeAsync();
        Assert.Equal(deadlocks, await DeadlocksAsync());

        Task<long> DeadlocksAsync() => _dataSource.AskAsync<long>("select deadlocks from pg_stat_database where datname = current_database()");
    }

    [Fact]
    public async Task Events_that_are_no_runs_are_refused_in_the_ledgers_streams()
    {
        await RecordAsync(Martens, []);
        await using var store = Plain();
        await using var session = store.LightweightSession(Tenant.Value);
        session.Events.Append("invoice_1", new InvoiceSent("run_1"));
        var refused = await Assert.ThrowsAnyAsync<Exception>(() => session.SaveChangesAsync());
        Assert.Contains("invoice_sent", $"{refused}", StringComparison.Ordinal);
        Assert.Empty(await _dataSource.ListAsync<string>("select id from runledger.mt_streams"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Martens_daemon_rebuilds_a_projection_from_what_either_engine_wrote(bool byNpgsql)
    {
        await RecordAsync(Martens, []);
        await RecordAsync(byNpgsql ? Npgsql : Martens, Random(7));
        await using var store = Plain(options => options.Projections.Add(new EventCountProjection(), ProjectionLifecycle.Async));
        await store.Storage.ApplyAllConfiguredChangesToDatabaseAsync();
        using var daemon = await store.BuildProjectionDaemonAsync();
        await daemon.RebuildProjectionAsync<EventCount>(CancellationToken.None);

        foreach (var tenant in new[] { Tenant, Other })
        {
            await using var session = store.QuerySession(tenant.Value);
            var counted = (await session.Query<EventCount>().ToListAsync()).Select(count => $"{count.Id} {count.Events}");
            Assert.Equal(
                await _dataSource.ListAsync<string>("select concat(id, ' ', version) from runledger.mt_streams where tenant_id = $1 order by 1", tenant.Value),
                counted.Order(StringComparer.Ordinal));
        }
    }

    private static IEngine Npgsql(NpgsqlDataSource dataSource) => new NpgsqlEventStore(dataSource);

    private static IEngine Martens(NpgsqlDataSource dataSource) => new MartenEventStore(dataSource);

    private Task<Ledger> OpenAsync(Func<NpgsqlDataSource, IEngine> engine) =>
        Ledger.OpenAsync(_connection, engine, new RecorderOptions(), TimeProvider.System, NullLoggerFactory.Instance, CancellationToken.None);

    private async Task<List<(Submission.Observed Submission, Receipt Receipt)>> RecordAsync(Func<NpgsqlDataSource, IEngine> engine, IReadOnlyList<Submission.Observed> all)
    {
        await using var ledger = await OpenAsync(engine);
        return [.. all.Zip(await ledger.Recorder.RecordAsync(all, CancellationToken.None))];
    }

    // A store as an application has it, with documents of its own in a schema of its own.
    private DocumentStore Plain(Action<StoreOptions>? more = null) => DocumentStore.For(options =>
    {
        options.UseRunLedger(_dataSource);
        options.DatabaseSchemaName = "app";
        more?.Invoke(options);
    });

    private static List<Submission.Observed> Random(int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, 20).SelectMany(run => RandomHistory.Of(random, run % 2 == 0 ? Tenant : Other, $"run_{seed}_{run / 2}"))];
    }

    private static IEnumerable<RunEvent> Decided(RunJson? known, RunJson seen)
    {
        var state = known is null ? null : RunState.Fold(Tenant.Seen(known, 1).Observation.Snapshot.Id, RunDecider.Decide(null, Tenant.Seen(known, 1).Observation).Events);
        return RunDecider.Decide(state, Tenant.Seen(seen, 2).Observation).Events;
    }

    private static string Json(RunEvent next)
    {
        var output = new System.Buffers.ArrayBufferWriter<byte>();
        using var writer = RunEventJson.Writer(output);
        RunEventJson.Write(next, writer);
        return System.Text.Encoding.UTF8.GetString(output.WrittenSpan);
    }
}

/// <summary>An event of somebody else's.</summary>
public sealed record InvoiceSent(string Run);

/// <summary>How many events a run has.</summary>
public sealed record EventCount(string Id, int Events);

/// <summary>Counts the events of each run, as an application's own projection would.</summary>
public sealed partial class EventCountProjection : SingleStreamProjection<EventCount, string>
{
    public override EventCount Evolve(EventCount? snapshot, string id, IEvent e) => new(id, (snapshot?.Events ?? 0) + 1);
}
