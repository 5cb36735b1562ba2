using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using RunLedger.Contract;
using RunLedger.Contract.Samples;
using RunLedger.Domain.Observations;
using RunLedger.Postgres.Embedded;
using RunLedger.Postgres.Feed;

namespace RunLedger.Postgres.Tests.Feed;

public sealed class EventFeedTests(NpgsqlDatabase database) : IClassFixture<NpgsqlDatabase>
{
    private const long LongestWalk = 50_000;
    private const long SegmentSize = 2_048;

    private static readonly TimeSpan Idle = TimeSpan.FromMilliseconds(50);

    [Fact]
    public async Task What_a_transaction_has_not_committed_is_waited_for_even_where_others_have_committed_behind_it()
    {
        await using var ledger = await database.OpenAsync();
        var (slow, fast) = (new TenantId("slow"), new TenantId("fast"));
        await using var connection = await ledger.DataSource.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        var held = await InsertAsync(connection, slow, "run_1", 1);
        await using var pages = ledger.Feed.ReadAsync(slow, new FeedRequest { Follow = true, Idle = Idle }, CancellationToken.None).GetAsyncEnumerator();

        for (var i = 0; i < 10; i++)
        {
            await ledger.Recorder.RecordAsync([fast.Seen(RunJson.Queued($"run_{i}"), i)], CancellationToken.None);
            Assert.True(await pages.MoveNextAsync());
            Assert.True(pages.Current is { Events: [], AtHead: true }, $"{pages.Current}");
            Assert.True(pages.Current.Position < held, $"{pages.Current.Position} is not before {held}.");
        }
        await transaction.CommitAsync();

        while (pages.Current.Events.Count == 0) Assert.True(await pages.MoveNextAsync());
        Assert.Equal(held, Assert.Single(pages.Current.Events).Recorded.Position);
        while (pages.Current.Position <= held) Assert.True(await pages.MoveNextAsync());
    }

    [Fact]
    public async Task No_position_is_told_after_the_newest_event_though_transactions_that_failed_took_more()
    {
        var connectionString = await SharedServer.CreateDatabaseAsync();
        await using var appending = await database.OpenAsync(connectionString);
        var (busy, idle) = (new TenantId("busy"), new TenantId("idle"));
        await appending.Recorder.RecordAsync([busy.Seen(RunJson.Queued("run_1"), 0)], CancellationToken.None);
        await TakeAndRollBackAsync(appending, count: 300);
        var newest = await NewestEventAsync(appending);
        await using var ledger = await database.OpenAsync(connectionString);

        await using (var head = ledger.Feed.ReadAsync(idle, new FeedRequest { After = null, Follow = true, Idle = Idle }, CancellationToken.None).GetAsyncEnumerator())
            for (var page = 0; page < 3; page++)
            {
                Assert.True(await head.MoveNextAsync());
                Assert.Equal(newest, head.Current.Position);
            }
        foreach (var tenant in (TenantId[])[busy, idle])
            await foreach (var page in ledger.Feed.ReadAsync(tenant, new FeedRequest(), CancellationToken.None)) Assert.Equal(newest, page.Position);
    }

    [Fact]
    public async Task A_consumer_misses_nothing_when_the_server_dies_and_gives_out_positions_again()
    {
        var settings = new Dictionary<string, string>(SharedServer.Small.Settings) { ["wal_writer_delay"] = "10s" }; // Only commits flush.
        await using var server = await EmbeddedPostgres.StartTemporaryAsync(SharedServer.Small with { Settings = settings });
        await using var ledger = await database.OpenAsync(server.ConnectionString);
        var tenant = new TenantId("crashed");
        await ledger.Recorder.RecordAsync([tenant.Seen(RunJson.Queued("run_before"), 0)], CancellationToken.None);
        await TakeAndRollBackAsync(ledger, count: 300);
        var at = 0L;
        await foreach (var page in ledger.Feed.ReadAsync(tenant, new FeedRequest(), CancellationToken.None)) at = page.Position;

        var killed = server.ProcessId;
        using (var postmaster = Process.GetProcessById(killed)) postmaster.Kill();
        await Eventually.HoldsAsync("another server runs", () => server.ProcessId != killed);
        ledger.DataSource.Clear();
        string[] runs = ["run_1", "run_2", "run_3"];
        foreach (var run in runs) await ledger.Recorder.RecordAsync([tenant.Seen(RunJson.Queued(run), 1)], CancellationToken.None);
        var read = new List<string>();
        await foreach (var page in ledger.Feed.ReadAsync(tenant, new FeedRequest { After = at }, CancellationToken.None)) read.AddRange(page.Events.Select(next => next.Run.Value));

        Assert.Equal(runs, read.Distinct());
    }

    [Fact]
    public async Task From_the_head_nothing_comes_that_was_committed_while_nobody_followed()
    {
        await using var ledger = await database.OpenAsync();
        var tenant = new TenantId("left alone");
        var request = new FeedRequest { After = null, Follow = true, Idle = Idle };
        await using (var gone = ledger.Feed.ReadAsync(tenant, request, CancellationToken.None).GetAsyncEnumerator()) await gone.MoveNextAsync();
        for (var run = 0; run < 5; run++) await ledger.Recorder.RecordAsync([tenant.Seen(RunJson.Queued($"run_{run}"), run)], CancellationToken.None);

        await using var pages = ledger.Feed.ReadAsync(tenant, request, CancellationToken.None).GetAsyncEnumerator();
        Assert.True(await pages.MoveNextAsync());
        Assert.Empty(pages.Current.Events);
        await ledger.Recorder.RecordAsync([tenant.Seen(RunJson.Queued("run_new"), 9)], CancellationToken.None);

        while (pages.Current.Events.Count == 0) Assert.True(await pages.MoveNextAsync());
        Assert.Equal("run_new", Assert.Single(pages.Current.Events).Run.Value);
    }

    [Fact]
    public async Task From_the_head_events_come_though_a_transaction_holds_a_position_since_before_the_host_began()
    {
        var connectionString = await SharedServer.CreateDatabaseAsync();
        await using var holding = await database.OpenAsync(connectionString);
        var tenant = new TenantId("held up");
        await holding.Recorder.RecordAsync([tenant.Seen(RunJson.Queued("run_old"), 0)], CancellationToken.None);
        await using var connection = await holding.DataSource.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using (var take = new NpgsqlCommand("select nextval('runledger.mt_events_sequence')", connection)) await take.ExecuteNonQueryAsync();

        await using var ledger = await database.OpenAsync(connectionString);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(40));
        await using var pages = ledger.Feed.ReadAsync(tenant, new FeedRequest { After = null, Follow = true, Idle = Idle }, limit.Token).GetAsyncEnumerator();
        Assert.True(await pages.MoveNextAsync());
        Assert.Empty(pages.Current.Events);
        await ledger.Recorder.RecordAsync([tenant.Seen(RunJson.Queued("run_new"), 9)], CancellationToken.None);

        while (pages.Current.Events.Count == 0) Assert.True(await pages.MoveNextAsync());
        Assert.Equal("run_new", Assert.Single(pages.Current.Events).Run.Value);
        await transaction.RollbackAsync();
    }

    [Fact]
    public async Task A_failure_of_any_kind_does_not_end_the_watch_for_what_is_committed()
    {
        await using var ledger = await database.OpenAsync();
        var (tenant, clock) = (new TenantId("watched"), new FailingClock());
        await using var feed = new EventFeed(ledger.DataSource, clock, NullLogger.Instance);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(40));
        await using var pages = feed.ReadAsync(tenant, new FeedRequest { Follow = true, Idle = Idle }, limit.Token).GetAsyncEnumerator();
        Assert.True(await pages.MoveNextAsync());

        clock.Fails = true;
        await Eventually.HoldsAsync("the watch has failed", () => clock.Failures > 0);
        clock.Fails = false;
        await ledger.Recorder.RecordAsync([tenant.Seen(RunJson.Queued("run_1"), 1)], CancellationToken.None);

        while (pages.Current.Events.Count == 0) Assert.True(await pages.MoveNextAsync());
    }

    [Fact]
    public async Task The_past_of_a_small_tenant_is_read_without_walking_over_that_of_a_large_one()
    {
        var connectionString = await SharedServer.CreateDatabaseAsync();
        await using var ledger = await database.OpenAsync(connectionString);
        var (small, large) = (new TenantId("small"), new TenantId("large"));
        var expected = new List<long>();
        await using (var connection = await ledger.DataSource.OpenConnectionAsync())
        {
            foreach (var (tenant, run, count) in ((TenantId, string, int)[])
                [(small, "run_1", 1), (large, "run_1", 100_000), (small, "run_2", 600), (large, "run_2", 100_000), (small, "run_3", 2), (large, "run_3", 60_000)])
            {
                var last = await InsertAsync(connection, tenant, run, count);
                if (tenant == small) expected.AddRange(Enumerable.Range(0, count).Select(back => last - count + 1 + back));
            }
        }
        await using var watched = ledger.Feed.ReadAsync(large, new FeedRequest { After = null, Follow = true, Idle = Idle }, CancellationToken.None).GetAsyncEnumerator();
        await Eventually.HoldsAsync("the segments are indexed", async () =>
        {
            await watched.MoveNextAsync();
            return await ledger.DataSource.AskAsync<long>("select indexed_before from runledger.feed_progress") > 250_000;
        });

        var (read, pages, longest, at) = (new List<long>(), 0, 0L, 0L);
        await foreach (var page in ledger.Feed.ReadAsync(small, new FeedRequest(), CancellationToken.None))
        {
            read.AddRange(page.Events.Select(next => next.Recorded.Position));
            (longest, at) = (Math.Max(longest, page.Position - at), page.Position);
            pages++;
        }

        Assert.Equal(expected, read);
        Assert.InRange(pages, 1, 10);
        Assert.True(longest > LongestWalk, $"The longest step is {longest} positions.");
        Assert.Equal(
            expected.Select(position => position / SegmentSize).Distinct(),
            await ledger.DataSource.ListAsync<long>("select segment from runledger.feed_segments where tenant_id = $1 order by segment", small.Value));
    }

    [Fact]
    public async Task A_thousand_followers_of_a_tenant_all_get_what_is_appended()
    {
        await using var ledger = await database.OpenAsync();
        var tenant = new TenantId("crowd");
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var followers = Enumerable.Range(0, 1_000).Select(_ => FollowAsync(ledger, tenant, count: 30, limit.Token)).ToList();

        for (var run = 0; run < 30; run++) await ledger.Recorder.RecordAsync([tenant.Seen(RunJson.Queued($"run_{run}"), run)], CancellationToken.None);

        var read = await Task.WhenAll(followers);
        Assert.Equal(30, read[0].Distinct().Count());
        Assert.All(read, positions => Assert.Equal(read[0], positions));
    }

    [Fact]
    public async Task A_feed_that_is_disposed_ends_its_readers_whatever_they_are_at()
    {
        for (var moment = 0; moment < 20; moment++)
        {
            var ledger = await database.OpenAsync();
            var followers = Enumerable.Range(0, 16).Select(_ => FollowAsync(ledger, new TenantId("left"), count: 1, CancellationToken.None)).ToList();
            for (var pause = 0; pause < moment * 10; pause++) await Task.Yield();
            await ledger.DisposeAsync();

            foreach (var follower in followers)
                await Assert.ThrowsAnyAsync<OperationCanceledException>(() => follower.WaitAsync(TimeSpan.FromSeconds(30)));
        }
    }

    [Fact]
    public async Task How_many_read_what_they_are_given_and_how_far_they_are_behind_is_measured()
    {
        await using var ledger = await database.OpenAsync();
        var tenant = new TenantId("measured");
        using var measured = new Measurements(tenant);
        for (var run = 0; run < 3; run++) await ledger.Recorder.RecordAsync([tenant.Seen(RunJson.Queued($"run_{run}"), run)], CancellationToken.None);

        // One that takes nothing more than its first page, and one that waits for what comes.
        await using var slow = ledger.Feed.ReadAsync(tenant, new FeedRequest { Follow = true }, CancellationToken.None).GetAsyncEnumerator();
        Assert.True(await slow.MoveNextAsync());
        var at = slow.Current.Position;
        var waiting = FollowAsync(ledger, tenant, count: 5, CancellationToken.None);
        Assert.Equal((2, 6), (measured.Of("runledger.feed.readers"), await EventuallyAsync(6)));
        Assert.Equal(0, measured.Of("runledger.feed.lag"));

        for (var run = 3; run < 5; run++) await ledger.Recorder.RecordAsync([tenant.Seen(RunJson.Queued($"run_{run}"), run)], CancellationToken.None);
        Assert.Equal(5, (await waiting).Count);
        var newest = await NewestEventAsync(ledger);
        await Eventually.HoldsAsync("the slow one is behind", () => measured.Of("runledger.feed.lag") == newest - at);
        Assert.True(newest > at);
        Assert.Equal((1, 8), (measured.Of("runledger.feed.readers"), measured.Of("runledger.feed.events")));

        await slow.DisposeAsync();
        Assert.Equal((0, null), (measured.Of("runledger.feed.readers"), measured.Of("runledger.feed.lag")));

        async Task<long?> EventuallyAsync(long events)
        {
            await Eventually.HoldsAsync("both have been given what there was", () => measured.Of("runledger.feed.events") == events);
            return measured.Of("runledger.feed.events");
        }
    }

    private static async Task<List<long>> FollowAsync(Ledger ledger, TenantId tenant, int count, CancellationToken cancellationToken)
    {
        var positions = new List<long>();
        await foreach (var page in ledger.Feed.ReadAsync(tenant, new FeedRequest { Follow = true }, cancellationToken))
        {
            positions.AddRange(page.Events.Select(next => next.Recorded.Position));
            if (positions.Count == count) break;
        }
        return positions;
    }

    private static Task<long> NewestEventAsync(Ledger ledger) => ledger.DataSource.AskAsync<long>("select max(seq_id) from runledger.mt_events");

    // What an append does that another host's makes fail.
    private static async Task TakeAndRollBackAsync(Ledger ledger, int count)
    {
        await using var connection = await ledger.DataSource.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using var take = new NpgsqlCommand($"select nextval('runledger.mt_events_sequence') from generate_series(1, {count})", connection);
        await take.ExecuteNonQueryAsync();
        await transaction.RollbackAsync();
    }

    // As many events of a run as are asked for; gives the position of the last.
    private static async Task<long> InsertAsync(NpgsqlConnection connection, TenantId tenant, string run, int count)
    {
        await using var command = new NpgsqlCommand(
            """
            with stream as (insert into runledger.mt_streams (tenant_id, id, version) values ($1, $2, $3)),
            event as (
              insert into runledger.mt_events (seq_id, id, tenant_id, stream_id, version, type, data, timestamp)
              select nextval('runledger.mt_events_sequence'), gen_random_uuid(), $1, $2, version, 'run_started',
                '{"occurred_at": "2026-01-01T00:00:00Z", "observed_at": "2026-01-01T00:00:00Z", "evidence": "seen", "source": "test"}', now()
              from generate_series(1, $3) as version
              returning seq_id)
            select max(seq_id) from event
            """,
            connection)
        {
            Parameters = { new() { Value = tenant.Value }, new() { Value = run }, new() { Value = (long)count } },
        };
        return (long)(await command.ExecuteScalarAsync())!;
    }

    private sealed class FailingClock : TimeProvider
    {
        private volatile bool _fails;
        private volatile int _failures;

        public bool Fails
        {
            set => _fails = value;
        }

        public int Failures => _failures;

        public override long GetTimestamp()
        {
            if (!_fails) return base.GetTimestamp();
            _failures++;
            throw new InvalidOperationException("This clock stands still.");
        }
    }

    /// <summary>What is measured of a tenant.</summary>
    private sealed class Measurements : IDisposable
    {
        private static readonly string[] Sums = ["runledger.feed.readers", "runledger.feed.events"];

        private readonly Dictionary<string, long> _now = [];
        private readonly MeterListener _listener = new();

        public Measurements(TenantId tenant)
        {
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Name.StartsWith("runledger.feed.", StringComparison.Ordinal)) listener.EnableMeasurementEvents(instrument);
            };
            _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
            {
                if ((string?)tags[0].Value != tenant.Value) return;
                lock (_now) _now[instrument.Name] = (Sums.Contains(instrument.Name) ? _now.GetValueOrDefault(instrument.Name) : 0) + value;
            });
            _listener.Start();
        }

        /// <summary>The sum of a counter, or what a gauge says now; null if it says nothing.</summary>
        public long? Of(string instrument)
        {
            lock (_now) _now.Remove("runledger.feed.lag");
            _listener.RecordObservableInstruments();
            lock (_now) return _now.TryGetValue(instrument, out var value) ? value : null;
        }

        public void Dispose() => _listener.Dispose();
    }
}
