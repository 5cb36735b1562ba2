using System.Diagnostics;
using Npgsql;
using RunLedger.Contract.Hosts;
using RunLedger.Contract.Samples;
using RunLedger.Domain.Runs;
using RunLedger.Domain.Usage;
using RunLedger.Postgres;
using RunLedger.Postgres.Recording;
using RunLedger.Postgres.Replay;
using RunLedger.Postgres.Usage;

namespace RunLedger.Contract;

/// <summary>G6: views are rebuilt beside the live ones, from the same events to the same rows, whatever happens on the way.</summary>
public abstract class RebuildContract(EngineDatabase database) : RebuiltLedger(database)
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Rebuilt_views_are_what_the_events_make_of_them_however_damaged_the_old_ones_were(bool tight)
    {
        await RecordRandomRunsAsync(Ledger, seed: 1, runs: 120);
        await Ledger.DataSource.ExecuteAsync(
            """
            delete from runledger.run_views where run_id like '%1'; update runledger.run_views set status = 'lost', prompt_tokens = 7;
            insert into runledger.run_views (tenant_id, run_id, kind, status, created_at, first_observed_at, last_observed_at, version, tool_calls, late_observations, contradictions)
            select tenant_id, run_id || '_of_nothing', kind, status, created_at, first_observed_at, last_observed_at, version, tool_calls, late_observations, contradictions
            from runledger.run_views;
            update runledger.usage_buckets set runs = runs + 1; delete from runledger.usage_buckets where model = 'o3';
            """);
        Assert.InRange(await CountOfNothingAsync(), 50, 120);

        await Ledger.Projections.RebuildAsync(Both, _ => { }, CancellationToken.None, tight ? Tight : null);
        await Recomputation.AssertHoldsAsync(Ledger.DataSource);
        Assert.Equal(0, await CountOfNothingAsync());
        Assert.Equal(0, await Ledger.DataSource.AskAsync<long>("select count(*) from pg_class where relname ~ '_(next|old)' and relnamespace = 'runledger'::regnamespace"));
        await RecordRandomRunsAsync(Ledger, seed: 2, runs: 20);
        await Recomputation.AssertHoldsAsync(Ledger.DataSource);

        Task<long> CountOfNothingAsync() => Ledger.DataSource.AskAsync<long>("select count(*) from runledger.run_views where run_id like '%_of_nothing'");
    }

    [Fact]
    public async Task Views_are_rebuilt_under_full_ingest_and_no_read_fails_or_goes_back()
    {
        await RecordRandomRunsAsync(Ledger, seed: 3, runs: 60);
        await using var other = await OpenAnotherAsync(new() { LargestBatch = 30 });
        await using var reading = await OpenAnotherAsync();
        using var end = new CancellationTokenSource();
        var written = 0;
        var ingest = Task.WhenAll(Enumerable.Range(0, 6).Select(client => Task.Run(() => IngestAsync(client % 2 == 0 ? Ledger : other, client, end.Token))));
        var reads = Task.Run(() => ReadAsync(reading, end.Token));

        await Eventually.HoldsAsync("writers have written", () => Volatile.Read(ref written) > 300);
        var waits = WatchWaitsAsync(reading.DataSource, end.Token);
        for (var rebuild = 0; rebuild < 4; rebuild++)
            await Ledger.Projections.RebuildAsync(Both with { Usage = rebuild != 1, Runs = rebuild != 2 }, _ => { }, CancellationToken.None, rebuild < 3 ? Tight : null);
        await end.CancelAsync();
        await ingest;
        Assert.True(await reads > 20, "Nobody read meanwhile.");
        await Recomputation.AssertHoldsAsync(Ledger.DataSource);
        var (looks, longest, late) = await waits;
        Assert.True(looks > 20, $"Nobody has looked how long writers wait, or {looks} times.");
        Assert.True(longest < TimeSpan.FromSeconds(1) + late, $"A writer waited for {longest}; that was looked at within {late}.");

        async Task IngestAsync(Ledger ledger, int client, CancellationToken end)
        {
            var random = new Random(client);
            for (var run = 0; !end.IsCancellationRequested; run++)
                foreach (var group in RandomHistory.Of(random, Red, $"run_{client}_{run}", nasty: false).Chunk(2))
                {
                    await ledger.Recorder.RecordAsync(group, CancellationToken.None);
                    Interlocked.Increment(ref written);
                }
        }
    }

    // How long writers wait for whoever keeps all appends waiting, by the database's own clock; and how late one looks at most, which is what a busy machine makes
    // of anything, the rebuild included.
    private static async Task<(int Looks, TimeSpan Longest, TimeSpan Late)> WatchWaitsAsync(NpgsqlDataSource dataSource, CancellationToken end)
    {
        var (looks, longest, late, last) = (0, 0.0, TimeSpan.Zero, Stopwatch.GetTimestamp());
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        for (; !end.IsCancellationRequested; looks++)
        {
            longest = Math.Max(longest, await dataSource.AskAsync<double>(
                """
                select coalesce(max(extract(epoch from clock_timestamp() - waitstart)), 0)::double precision from pg_locks
                where locktype = 'advisory' and not granted and database = (select oid from pg_database where datname = current_database())
                  and (classid::bigint << 32) | objid::bigint = hashtextextended('runledger.appends', 0)
                """));
            late = Stopwatch.GetElapsedTime(last) is var since && since > late ? since : late;
            last = Stopwatch.GetTimestamp();
            await timer.WaitForNextTickAsync(CancellationToken.None);
        }
        return (looks, TimeSpan.FromSeconds(longest), late);
    }

    // Runs are never fewer than they were: a reader that met half of a view would see that.
    private static async Task<int> ReadAsync(Ledger ledger, CancellationToken end)
    {
        var (reads, byBuckets, byRuns) = (0, 0L, 0L);
        for (; !end.IsCancellationRequested; reads++)
        {
            byBuckets = await CountAsync(new() { GroupBy = [UsageDimension.Model] }, byBuckets);
            byRuns = await CountAsync(new() { GroupBy = [UsageDimension.Thread] }, byRuns);
            Assert.NotEmpty((await ledger.Runs.ListAsync(Red, new(), 10, null, CancellationToken.None)).Runs);
        }
        return reads;

        async Task<long> CountAsync(UsageQuery query, long before)
        {
            var runs = (await ledger.Usage.ReportAsync(Red, query, CancellationToken.None)).Sum(row => row.Amounts.Runs);
            Assert.True(runs >= before, $"{runs} runs after {before}");
            return runs;
        }
    }

    [Fact]
    public async Task A_rebuild_that_is_killed_at_ten_moments_ends_the_same()
    {
        await RecordRandomRunsAsync(Ledger, seed: 4, runs: 200);
        await Ledger.DataSource.ExecuteAsync("update runledger.run_views set status = 'lost'; update runledger.usage_buckets set runs = runs + 1");
        var moments = new List<string>();
        for (var kill = 0; kill < 10; kill++)
        {
            var (phase, part) = kill switch { 7 => ("indexing", 0), 8 or 9 => ("catching_up", 0), _ => ("copying", kill / 8.0) };
            using var host = RebuildingHost.Start(Database, ConnectionString, phase, part);
            await host.IsHeldAsync();
            await host.KillAsync();
            var left = (await Ledger.Projections.StatusAsync(CancellationToken.None)).Rebuild!;
            moments.Add($"{left.Phase} {left.Progress.Part:0.00}");
            await RecordRandomRunsAsync(Ledger, seed: 10 + kill, runs: 10);
        }

        Assert.True(moments.Distinct().Count() >= 8, $"Killed at: {string.Join(", ", moments)}");
        await Eventually.HoldsAsync("the killed host's lock is gone", async () => (await Ledger.Projections.StatusAsync(CancellationToken.None)).Rebuild is not { IsRunning: true });
        await Ledger.Projections.RebuildAsync(Both, _ => { }, CancellationToken.None, Tight);
        await Recomputation.AssertHoldsAsync(Ledger.DataSource);
        Assert.Null((await Ledger.Projections.StatusAsync(CancellationToken.None)).Rebuild);
    }

    [Fact]
    public async Task An_attempt_to_switch_that_is_given_up_half_way_counts_no_usage_twice()
    {
        await RecordRandomRunsAsync(Ledger, seed: 23, runs: 30);
        await using var other = await OpenAnotherAsync();
        await using var connection = await other.DataSource.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        var given = Task.CompletedTask;

        await Ledger.Projections.RebuildAsync(Both, progress =>
        {
            if (progress.Phase != "catching_up" || given != Task.CompletedTask) return;
            RecordRandomRunsAsync(other, seed: 24, runs: 4).GetAwaiter().GetResult();
            using (var hold = new NpgsqlCommand("lock table runledger.rebuild_usage in share mode", connection)) hold.ExecuteNonQuery();
            given = Task.Run(LetGoAfterAnAttemptAsync);
        }, CancellationToken.None);

        await given;
        Assert.NotSame(Task.CompletedTask, given);
        await Recomputation.AssertHoldsAsync(Ledger.DataSource);

        async Task LetGoAfterAnAttemptAsync()
        {
            await Eventually.HoldsAsync("an attempt waits", () => WaitsAsync(true));
            await Eventually.HoldsAsync("it is given up", () => WaitsAsync(false));
            await transaction.RollbackAsync();
        }

        async Task<bool> WaitsAsync(bool expected) => expected == await other.DataSource.AskAsync<bool>(
            "select exists (select from pg_locks where relation = 'runledger.rebuild_usage'::regclass and not granted)");
    }

    [Fact]
    public async Task A_rebuild_that_is_interrupted_goes_on_where_it_was_and_another_one_is_refused_meanwhile()
    {
        await RecordRandomRunsAsync(Ledger, seed: 6, runs: 100);
        await using var other = await OpenAnotherAsync();
        using var interruption = new CancellationTokenSource();
        Exception? refusal = null;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Ledger.Projections.RebuildAsync(Both, progress =>
        {
            if (progress.Phase != "indexing") return;
            refusal = Record.Exception(() => other.Projections.RebuildAsync(Both, _ => { }, CancellationToken.None, Tight).GetAwaiter().GetResult());
            interruption.Cancel();
        }, interruption.Token, Tight));

        Assert.IsType<RebuildUnderWayException>(refusal);
        var left = (await other.Projections.StatusAsync(CancellationToken.None)).Rebuild;
        Assert.Equal((false, "indexing", 1.0), (left!.IsRunning, left.Phase, left.Progress.Part));
        var events = -1L;
        await other.Projections.RebuildAsync(Both, progress => events = progress.Events, CancellationToken.None, Tight);
        Assert.InRange(events, 0, await other.DataSource.AskAsync<long>("select count(*) from runledger.mt_events") * 2);
        Assert.Equal(left.Id, await other.DataSource.AskAsync<long>("select max(id) from runledger.rebuilds"));
        await Recomputation.AssertHoldsAsync(other.DataSource);
    }

    [Fact]
    public async Task A_host_that_was_taken_over_writes_no_more()
    {
        await RecordRandomRunsAsync(Ledger, seed: 7, runs: 60);
        await using var other = await OpenAnotherAsync();
        await Assert.ThrowsAsync<RebuildTakenOverException>(() => Ledger.Projections.RebuildAsync(Both, progress =>
        {
            if (progress.Phase != "indexing") return;
            // As a server does with a session that it believes dead: the lock is free, and somebody else goes on.
            other.DataSource.AskAsync<bool>(
                "select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and (classid::bigint << 32) | objid::bigint = hashtextextended('runledger.rebuild', 0)")
                .GetAwaiter().GetResult();
            other.Projections.RebuildAsync(Both, _ => { }, CancellationToken.None, Tight).GetAwaiter().GetResult();
        }, CancellationToken.None, Tight));
        await Recomputation.AssertHoldsAsync(other.DataSource);
    }

    [Fact]
    public async Task A_new_dimension_is_there_for_the_whole_history_and_reports_by_it_are_the_same_from_buckets_as_from_runs()
    {
        await RecordRandomRunsAsync(Ledger, seed: 21, runs: 120);
        await using var other = await OpenAnotherAsync();
        UsageQuery byAll = new() { MetadataKeys = ["team", "none"], GroupBy = [UsageDimension.Tool, UsageDimension.Model, UsageDimension.Day] };
        var before = await ReportAsync(other, byAll);
        var dimensions = new[] { "metadata.none", "tool.name", "metadata.team" }.Select(name => ConfiguredDimension.Parse(name)!);
        await Ledger.Projections.RebuildAsync(new(false, true, ViewVersions.OfThisProgram, [.. dimensions]), _ => { }, CancellationToken.None, Tight);

        Assert.Equal(before, await ReportAsync(other, byAll));
        var teams = await other.Usage.ReportAsync(Red, new() { MetadataKeys = ["team"], Since = DateTimeOffset.UnixEpoch.AddSeconds(1) }, CancellationToken.None);
        Assert.Equal(
            teams.Select(row => $"{row.Metadata[0].Value}={row.Amounts.Tokens.Total}").Order(StringComparer.Ordinal),
            (await Ledger.DataSource.ListAsync<string>(
                """select concat("metadata.team", '=', sum(total_tokens)) from runledger.usage where tenant_id = 'red' group by "metadata.team" """)).Order(StringComparer.Ordinal));
        await RecordRandomRunsAsync(other, seed: 22, runs: 60);
        Assert.Equal(await ReportAsync(Ledger, byAll with { Since = DateTimeOffset.UnixEpoch.AddSeconds(1) }), await ReportAsync(Ledger, byAll));
        await Recomputation.AssertHoldsAsync(Ledger.DataSource);

        await Ledger.Projections.RebuildAsync(new(false, true, ViewVersions.OfThisProgram, []), _ => { }, CancellationToken.None);
        Assert.Equal(await ReportAsync(Ledger, byAll), await ReportAsync(other, byAll));
        Assert.Equal(16, await Ledger.DataSource.AskAsync<long>("select count(*) from information_schema.columns where table_schema = 'runledger' and table_name = 'usage'"));
        await Recomputation.AssertHoldsAsync(Ledger.DataSource);

        static async Task<List<string>> ReportAsync(Ledger ledger, UsageQuery query) =>
            [.. (await ledger.Usage.ReportAsync(Red, query, CancellationToken.None))
                .Select(row => $"{row.Time:u} {row.Model} {row.Tool} {string.Join(' ', row.Metadata)} {row.Amounts}")];
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(DimensionValue.MostDimensions)]
    public async Task Values_of_dimensions_may_be_of_any_length_and_what_is_cut_of_them_is_the_same_in_buckets_and_from_runs(int count)
    {
        string[] keys = [.. Enumerable.Range(1, count - 1).Select(number => $"key{number}")];
        var dimensions = keys.Select(key => $"metadata.{key}").Prepend("tool.name").Select(name => ConfiguredDimension.Parse(name)!);
        var random = new Random(count);
        List<Submission> runs = [.. Enumerable.Range(0, 40).Select(number => Red.Seen(Longwinded(random, $"run_{number}", keys), 1))];

        await Ledger.Recorder.RecordAsync([.. runs.Take(20)], CancellationToken.None);
        await Ledger.Projections.RebuildAsync(new(false, true, ViewVersions.OfThisProgram, [.. dimensions]), _ => { }, CancellationToken.None, Tight);
        var receipts = await Ledger.Recorder.RecordAsync([.. runs.Skip(20)], CancellationToken.None);

        Assert.All(receipts, receipt => Assert.Equal(Outcome.Recorded, receipt.Outcome));
        UsageQuery byAll = new() { MetadataKeys = keys, GroupBy = [UsageDimension.Tool] };
        var fromBuckets = await ReportAsync(byAll);
        Assert.Equal(40, fromBuckets.Count);
        Assert.Equal(await ReportAsync(byAll with { Since = DateTimeOffset.UnixEpoch.AddSeconds(1) }), fromBuckets);
        await Recomputation.AssertHoldsAsync(Ledger.DataSource);

        async Task<List<string>> ReportAsync(UsageQuery query) =>
            [.. (await Ledger.Usage.ReportAsync(Red, query, CancellationToken.None)).Select(row => $"{row.Tool} {string.Join(' ', row.Metadata)} {row.Amounts}")];

        // All keys as long as they may be, and nothing that compresses.
        static RunJson Longwinded(Random random, string id, string[] keys) =>
            RunJson.Queued(id, 0, "thread_1", Text(random, 512, ascii: true), Text(random, 512, ascii: true))
                .With("metadata", $"{{{string.Join(',', keys.Select(key => $"\"{key}\": \"{Text(random, random.Next(600), ascii: false)}\""))}}}")
                .With("status", "\"requires_action\"")
                .With("required_action", $$$"""{"type": "submit_tool_outputs", "submit_tool_outputs": {"tool_calls": [{{{string.Join(',', Enumerable.Range(0, 80).Select(call =>
                    $$"""{"id": "call_{{call}}", "type": "function", "function": {"name": "{{Text(random, 60, ascii: true)}}", "arguments": "{}"} }"""))}}}]}}""");

        static string Text(Random random, int length, bool ascii) => string.Concat(Enumerable.Range(0, length).Select(_ => ascii ? $"{(char)random.Next('#', '[')}" : random.Next(4) switch
        {
            0 => $"{(char)random.Next('a', 'z')}",
            1 => $"{(char)random.Next(0xC0, 0x17F)}",
            2 => $"{(char)random.Next(0x3400, 0x9000)}",
            _ => char.ConvertFromUtf32(random.Next(0x1F300, 0x1F600)),
        }));
    }

    [Fact]
    public async Task A_damaged_ledger_is_not_rebuilt_from_and_the_run_is_named()
    {
        await RecordRandomRunsAsync(Ledger, seed: 9, runs: 30);
        await Ledger.DataSource.ExecuteAsync("delete from runledger.mt_events where tenant_id = 'red' and stream_id = 'run_3' and version = 2");

        var damage = await Assert.ThrowsAsync<InvalidDataException>(() => Ledger.Projections.RebuildAsync(Both, _ => { }, CancellationToken.None));
        Assert.Contains("run_3", damage.Message, StringComparison.Ordinal);
        Assert.Contains("run_3", (await Ledger.Projections.StatusAsync(CancellationToken.None)).Rebuild!.Failure, StringComparison.Ordinal);
        Assert.Equal(30, await Ledger.DataSource.AskAsync<long>("select count(*) from runledger.run_views"));
    }

    [Fact]
    public async Task Why_a_rebuild_stopped_is_told_whatever_it_was_and_the_next_one_goes_on()
    {
        await RecordRandomRunsAsync(Ledger, seed: 10, runs: 12);
        const string function = "create or replace function runledger.whole(bigint) returns bigint immutable language plpgsql as $$ begin {0} end $$";
        await Ledger.DataSource.ExecuteAsync(string.Format(null, function, "return $1;"));
        await Ledger.DataSource.ExecuteAsync("create index ours on runledger.run_views (runledger.whole(version))");
        await Ledger.DataSource.ExecuteAsync(string.Format(null, function, "raise exception 'out of order';"));

        await Assert.ThrowsAsync<Npgsql.PostgresException>(() => Ledger.Projections.RebuildAsync(Both, _ => { }, CancellationToken.None));
        var stopped = (await Ledger.Projections.StatusAsync(CancellationToken.None)).Rebuild!;
        Assert.Contains("out of order", stopped.Failure, StringComparison.Ordinal);

        await Ledger.DataSource.ExecuteAsync("drop index runledger.ours");
        await Ledger.Projections.RebuildAsync(Both, _ => { }, CancellationToken.None);
        await Recomputation.AssertHoldsAsync(Ledger.DataSource);
    }
}
