using RunLedger.Contract.Json;
using RunLedger.Contract.Samples;
using RunLedger.Domain.Observations;
using RunLedger.Domain.Runs;
using RunLedger.Postgres.Runs;

namespace RunLedger.Contract;

/// <summary>What readers answer: pages, filters, snapshots now and then.</summary>
public abstract class ReadingContract(EngineDatabase database) : LedgerContract(database)
{
    [Fact]
    public async Task Pages_of_runs_continue_where_they_ended_though_many_were_created_in_one_second()
    {
        await RecordAsync([.. Enumerable.Range(0, 23).Select(run => Tenant.Seen(RunJson.Queued($"run_{run:00}", run / 10), 5))]);
        var expected = Enumerable.Range(0, 23).Select(run => $"run_{run:00}").OrderDescending().ToList();

        for (var limit = 1; limit <= 24; limit += 3)
        {
            var listed = new List<string>();
            RunCursor? after = null;
            do
            {
                var page = await Ledger.Runs.ListAsync(Tenant, new(), limit, after, CancellationToken.None);
                Assert.True(page.Runs.Count <= limit);
                listed.AddRange(page.Runs.Select(run => run.RunId));
                after = page.Next is { } next ? RunCursor.Parse(next.ToString()) : null;
                Assert.Equal(page.Next, after);
            }
            while (after is not null);
            Assert.Equal(expected, listed);
        }
    }

    [Theory]
    [InlineData(4_096, "")]
    [InlineData(4_097, "…")]
    [InlineData(100_000, "…")]
    public async Task A_long_message_of_an_error_is_cut_in_rows_and_whole_in_the_snapshot(int characters, string mark)
    {
        var message = string.Concat(Enumerable.Repeat("😀", characters));
        var failed = RunJson.Queued("run_1").Started(1).Ended("failed").With("last_error", $$"""{"code":"server_error","message":"{{message}}"}""");
        await RecordAsync(failed, 2);

        var expected = message[..(2 * Math.Min(characters, 4_096))] + mark;
        Assert.Equal(expected, (await ViewAsync("run_1")).ErrorMessage);
        Assert.Equal(expected, Assert.Single((await Ledger.Runs.ListAsync(Tenant, new(), 10, null, CancellationToken.None)).Runs).ErrorMessage);
        JsonAssert.DeepEqual($"{failed}", await Ledger.Runs.CurrentAsync(Tenant, new RunId("run_1"), CancellationToken.None));
        await Recomputation.AssertHoldsAsync(Ledger.DataSource);
    }

    [Fact]
    public async Task Every_filter_of_the_list_of_runs_selects()
    {
        await RecordAsync(RunJson.Queued("run_a", 0, "thread_a", "o3", "asst_a").With("metadata", """{"team":"a","n":"1"}""").Started(1), 2);
        await RecordAsync(RunJson.Queued("run_b", 10, "thread_b", "gpt-4o", "asst_b").With("metadata", """{"team":"b","n":"1"}"""), 11);
        await RecordAsync($$"""{"id":"resp_c","object":"response","created_at":{{Observed.At(20).ToUnixTimeSeconds()}},"status":"completed"}""", 21);

        await ListsAsync(["resp_c", "run_b", "run_a"], new());
        await ListsAsync(["run_a"], new() { Status = "in_progress" });
        await ListsAsync(["run_b"], new() { Model = "gpt-4o" });
        await ListsAsync(["run_a"], new() { AssistantId = "asst_a" });
        await ListsAsync(["run_b"], new() { ThreadId = "thread_b" });
        await ListsAsync(["resp_c"], new() { Kind = "response" });
        await ListsAsync(["run_b"], new() { Metadata = new Dictionary<string, string> { ["team"] = "b" } });
        await ListsAsync(["run_b", "run_a"], new() { Metadata = new Dictionary<string, string> { ["n"] = "1" } });
        await ListsAsync([], new() { Metadata = new Dictionary<string, string> { ["n"] = "1", ["team"] = "c" } });
        await ListsAsync(["resp_c", "run_b"], new() { Since = Observed.At(10).ToOffset(TimeSpan.FromHours(-5)) });
        await ListsAsync(["run_a"], new() { Until = Observed.At(10).ToOffset(TimeSpan.FromHours(5)) });
        await ListsAsync([], new() { Kind = "response", Model = "o3" });
        await ListsAsync([], new() { Status = "\0", Model = "\ud800", Metadata = new Dictionary<string, string> { ["\0"] = "\ud800" } });

        async Task ListsAsync(string[] expected, RunFilter filter) =>
            Assert.Equal(expected, (await Ledger.Runs.ListAsync(Tenant, filter, 10, null, CancellationToken.None)).Runs.Select(run => run.RunId));
    }

    [Fact]
    public async Task Pages_of_a_thread_are_those_of_the_Assistants_API()
    {
        await RecordAsync([.. Enumerable.Range(1, 7).Select(run => Tenant.Seen(RunJson.Queued($"run_{run}", run / 3), 5))]);
        await RecordAsync(RunJson.Queued("run_9", 0, "thread_2"), 5);

        await ListsAsync("7 6 5", true, new(3, false, null, null));
        await ListsAsync("1 2 3", true, new(3, true, null, null));
        await ListsAsync("4 3 2", true, new(3, false, "run_5", null));
        await ListsAsync("1", false, new(3, false, "run_2", null));
        await ListsAsync("6 7", false, new(3, true, "run_5", null));
        await ListsAsync("7 6 5", false, new(3, false, null, "run_4"));
        await ListsAsync("6 5 4", true, new(3, false, null, "run_3"));
        await ListsAsync("2 3 4", true, new(3, true, null, "run_5"));
        await ListsAsync("5 4", false, new(3, false, "run_6", "run_3"));
        await ListsAsync("3 4", true, new(2, true, "run_2", "run_7"));
        await ListsAsync("", false, new(3, false, "run_1", null));
        await ListsAsync("7 6 5 4 3 2 1", false, new(7, false, null, null));
        await Assert.ThrowsAsync<KeyNotFoundException>(() => ListsAsync("", false, new(3, false, "run_x", null)));
        await Assert.ThrowsAsync<KeyNotFoundException>(() => ListsAsync("", false, new(3, false, null, "run_9")));

        async Task ListsAsync(string runs, bool hasMore, ThreadPageRequest request)
        {
            var page = await Ledger.Runs.ListThreadAsync(Tenant, "thread_1", request, CancellationToken.None);
            Assert.Equal((runs, hasMore), (string.Join(' ', page.Runs.Select(run => run.RunId[4..])), page.HasMore));
        }
    }

    [Fact]
    public async Task A_version_gives_back_the_observation_that_wrote_it()
    {
        var run = RunJson.Queued("run_1");
        RunJson[] seen = [run, run.Started(2).With("instructions", $"\"{new string('x', 5_000)}\""), run.Started(2).Completed(9)];
        for (var i = 0; i < seen.Length; i++) await RecordAsync(seen[i], i + 1);

        var events = (await HistoryAsync("run_1")).Events;
        var observation = 0;
        foreach (var recorded in events)
        {
            JsonAssert.DeepEqual($"{seen[observation]}", await Ledger.Runs.AtVersionAsync(Tenant, new RunId("run_1"), recorded.Version, CancellationToken.None));
            if (recorded.Event.Closes is not null) observation++;
        }
        Assert.Equal(seen.Length, observation);
        Assert.Null(await Ledger.Runs.AtVersionAsync(Tenant, new RunId("run_1"), events.Count + 1, CancellationToken.None));
        Assert.Null(await Ledger.Runs.AtVersionAsync(Tenant, new RunId("run_1"), 0, CancellationToken.None));
    }

    [Fact]
    public async Task A_run_that_is_not_there_is_not_found_whatever_its_id()
    {
        await RecordAsync(RunJson.Queued("run\\ufffd"), 1);
        foreach (var run in new RunId[] { new("run_none"), new("run\0"), new("run\ud800"), new("") })
        {
            Assert.Null(await Ledger.Runs.HistoryAsync(Tenant, run, CancellationToken.None));
            Assert.Null(await Ledger.Runs.FindAsync(Tenant, run, CancellationToken.None));
            Assert.Null(await Ledger.Runs.CurrentAsync(Tenant, run, CancellationToken.None));
            Assert.Null(await Ledger.Runs.AsOfAsync(Tenant, run, Observed.At(9), CancellationToken.None));
        }
    }

    [Fact]
    public async Task All_runs_can_be_walked_in_the_order_of_their_ids()
    {
        await RecordAsync([.. Enumerable.Range(0, 9).Select(run => Tenant.Seen(RunJson.Queued($"run_{run}", 9 - run), 10))]);
        var first = await Ledger.Runs.NextAsync(Tenant, "", 4, CancellationToken.None);
        var rest = await Ledger.Runs.NextAsync(Tenant, first[^1], 40, CancellationToken.None);
        Assert.Equal(Enumerable.Range(0, 9).Select(run => $"run_{run}"), first.Concat(rest));
    }

    [Fact]
    public async Task The_history_says_what_happened_when_it_was_seen_and_how_it_is_known()
    {
        var started = Tenant.Seen(RunJson.Queued("run_1", 1).Started(3), 4.000001);
        await RecordAsync(started with { Observation = started.Observation with { CorrelationId = "trace-1" } });

        var events = (await HistoryAsync("run_1")).Events;
        Assert.Equal(
            [(Observed.At(1), Observed.At(4.000001), Evidence.Inferred), (Observed.At(3), Observed.At(4.000001), Evidence.Seen)],
            events.Select(recorded => (recorded.Event.Sighting.OccurredAt, recorded.Event.Sighting.ObservedAt, recorded.Event.Sighting.Evidence)));
        Assert.All(events, recorded => Assert.Equal(("trace-1", "test"), (recorded.CorrelationId, recorded.Event.Sighting.Source)));
        Assert.All(events, recorded => Assert.InRange(DateTimeOffset.UtcNow - recorded.RecordedAt, TimeSpan.FromSeconds(-1), TimeSpan.FromMinutes(5)));
    }
}
