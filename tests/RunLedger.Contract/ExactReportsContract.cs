using RunLedger.Contract.Samples;
using RunLedger.Domain.Observations;
using RunLedger.Domain.Usage;
using RunLedger.Postgres.Usage;

namespace RunLedger.Contract;

/// <summary>G5: views are written with the events, so that reports equal a recomputation from all events at every moment.</summary>
public abstract class ExactReportsContract(EngineDatabase database) : LedgerContract(database)
{
    [Fact]
    public async Task Views_equal_a_recomputation_during_and_after_heavy_ingest_by_two_hosts()
    {
        await using var other = await Database.OpenAsync(new() { LargestBatch = 40 });
        var random = new Random(11);
        TenantId[] tenants = [Tenant, NewTenant(), NewTenant()];
        var histories = Enumerable.Range(0, 400).Select(run => RandomHistory.Of(random, tenants[run % 3], $"run_{run % 300}", nasty: run % 5 == 0)).ToList();

        var ingest = Task.WhenAll(histories.Chunk(50).Select((lives, client) => Task.Run(async () =>
        {
            foreach (var life in lives)
                foreach (var group in life.Chunk(3))
                    await (client % 2 == 0 ? Ledger : other).Recorder.RecordAsync(group, CancellationToken.None);
        })));
        var moments = new List<int>();
        do moments.Add(await Recomputation.AssertHoldsAsync(Ledger.DataSource));
        while (!ingest.IsCompleted);
        await ingest;

        var events = await Recomputation.AssertHoldsAsync(Ledger.DataSource);
        Assert.True(events > 1_000, $"{events} events");
        Assert.Contains(moments, count => count > 0 && count < events);
    }

    [Fact]
    public async Task Reports_from_buckets_equal_reports_from_runs_and_a_recomputation_for_random_queries()
    {
        var random = new Random(13);
        await RecordAsync([.. Enumerable.Range(0, 300).SelectMany(run => RandomHistory.Of(random, Tenant, $"run_{run}", nasty: false))]);
        var runs = (await Ledger.Runs.ListAsync(Tenant, new(), 1_000, null, CancellationToken.None)).Runs.Select(UsageContribution.Of).ToList();
        Assert.Equal(300, runs.Count);

        for (var i = 0; i < 60; i++)
        {
            var query = RandomQuery(random);
            var fromBuckets = await ReportAsync(query);
            // Buckets know no metadata: a filter that every run satisfies makes the same report come from the runs.
            var fromRuns = await ReportAsync(query with { MetadataKeys = ["no such key"] });

            Assert.Equal(fromBuckets, fromRuns.Select(row => row with { Metadata = [] }));
            Assert.Equal(Sum(runs, query), fromBuckets.Aggregate(default(UsageAmounts), (sum, row) => sum + row.Amounts));
            Assert.Equal(fromBuckets.Count, fromBuckets.DistinctBy(row => (row.Model, row.AssistantId, row.Time, row.Kind)).Count());
        }
    }

    [Fact]
    public async Task A_report_groups_by_model_assistant_thread_kind_time_and_metadata()
    {
        var run = RunJson.Queued("run_1", 0, "thread_1", "o3", "asst_1").With("metadata", """{"team":"red"}""");
        await RecordAsync(run.Started(1).Completed(10, 100, 10), 11);
        await RecordAsync(RunJson.Queued("run_2", 0, "thread_2", "o3", "asst_2").Started(1).Completed(3_700, 200, 20), 3_701);
        await RecordAsync(RunJson.Queued("run_3", 0, "thread_1", "gpt-4o", "asst_1").With("metadata", """{"team":"blue"}""").Started(1).Ended("failed"), 90_000);
        await RecordAsync(RunJson.Queued("run_4", 7_200, "thread_1").Without("model").Without("assistant_id"), 7_200);

        Assert.Equal([("", 1, 0), ("gpt-4o", 1, 0), ("o3", 2, 330)], await ByAsync(row => row.Model, UsageDimension.Model));
        Assert.Equal([("", 1, 0), ("asst_1", 2, 110), ("asst_2", 1, 220)], await ByAsync(row => row.AssistantId, UsageDimension.Assistant));
        Assert.Equal([("thread_1", 3, 110), ("thread_2", 1, 220)], await ByAsync(row => row.ThreadId, UsageDimension.Thread));
        Assert.Equal([("thread.run", 4, 330)], await ByAsync(row => row.Kind, UsageDimension.Kind));
        Assert.Equal([("01 00", 3, 330), ("02 00", 1, 0)], await ByAsync(row => $"{row.Time:dd HH}", UsageDimension.Day));
        Assert.Equal([("01 00", 1, 110), ("01 01", 1, 220), ("01 02", 1, 0), ("02 01", 1, 0)], await ByAsync(row => $"{row.Time:dd HH}", UsageDimension.Hour));
        var teams = await ReportAsync(new() { MetadataKeys = ["team", "none"] });
        Assert.Equal(["=2", "blue=1", "red=1"], teams.Select(row => $"{row.Metadata[0].Value}{row.Metadata[1].Value}={row.Amounts.Runs}"));
        var red = Assert.Single(await ReportAsync(new() { Metadata = new Dictionary<string, string> { ["team"] = "red" } }));
        Assert.Equal(new UsageAmounts(1, 1, 0, 0, 0, 0, new TokenUsage(100, 10, 110, 50, 5)), red.Amounts);
        Assert.Equal([], await ReportAsync(new() { Model = "no such model" }));
        Assert.Equal([], await ReportAsync(new() { ThreadId = "thread\0", Metadata = new Dictionary<string, string> { ["\0"] = "\ud800" } }));
    }

    [Fact]
    public async Task What_a_run_states_as_read_from_a_cache_beyond_its_prompt_counts_in_no_report()
    {
        await RecordAsync(RunJson.Queued("run_1").With("usage", """{"prompt_tokens": 10, "prompt_token_details": {"cached_tokens": 1000}}"""), 1);
        await RecordAsync(RunJson.Queued("run_2", thread: "thread_2").With("usage", """{"prompt_tokens": 3000, "prompt_token_details": {"cached_tokens": 5}}"""), 1);

        foreach (var query in (UsageQuery[])[new(), new() { GroupBy = [UsageDimension.Thread] }])
            Assert.Equal(15, (await ReportAsync(query)).Sum(row => row.Amounts.Tokens.Cached));
        await Recomputation.AssertHoldsAsync(Ledger.DataSource);
    }

    [Theory]
    [InlineData("5")]
    [InlineData("-1.50")]
    [InlineData("true")]
    [InlineData("a")]
    [InlineData("")]
    public async Task A_report_is_filtered_by_the_texts_of_metadata_that_it_groups_by(string value)
    {
        string[] values = ["5", "\"5\"", "-1.50", "\"-1.50\"", "true", "\"true\"", "\"a\"", "\"\"", "null", "{}", "[5]"];
        await RecordAsync([.. values.Select((json, run) => Tenant.Seen(RunJson.Queued($"run_{run}").With("metadata", $"{{\"n\": {json}}}"), 1))]);

        var groups = await ReportAsync(new() { MetadataKeys = ["n"] });
        var filtered = Assert.Single(await ReportAsync(new() { Metadata = new Dictionary<string, string> { ["n"] = value } }));
        var listed = await Ledger.Runs.ListAsync(Tenant, new() { Metadata = new Dictionary<string, string> { ["n"] = value } }, 100, null, CancellationToken.None);
        Assert.Equal(groups.Single(row => row.Metadata[0].Value == value).Amounts, filtered.Amounts);
        Assert.Equal(filtered.Amounts.Runs, listed.Runs.Count);
    }

    [Fact]
    public async Task Times_of_a_report_may_be_given_in_any_time_zone_and_in_parts_of_hours()
    {
        await RecordAsync(RunJson.Queued("run_1").Started(1).Completed(1_800), 1_801);
        var offset = TimeSpan.FromHours(2);

        Assert.Single(await ReportAsync(new() { Since = Observed.At(0).ToOffset(offset), Until = Observed.At(3_600).ToOffset(offset) }));
        Assert.Single(await ReportAsync(new() { Since = Observed.At(1_800).ToOffset(offset), Until = Observed.At(1_801).ToOffset(offset) }));
        Assert.Empty(await ReportAsync(new() { Since = Observed.At(1_801), Until = Observed.At(3_600) }));
        Assert.Empty(await ReportAsync(new() { Since = Observed.At(3_600) }));
    }

    private Task<IReadOnlyList<UsageRow>> ReportAsync(UsageQuery query) => Ledger.Usage.ReportAsync(Tenant, query, CancellationToken.None);

    private async Task<List<(string?, int, int)>> ByAsync(Func<UsageRow, string?> name, UsageDimension dimension) =>
        [.. (await ReportAsync(new() { GroupBy = [dimension] })).Select(row => (name(row), (int)row.Amounts.Runs, (int)row.Amounts.Tokens.Total))];

    private static UsageAmounts Sum(List<(UsageKey Key, UsageAmounts Amounts)> runs, UsageQuery query) => runs
        .Where(run => (query.Model is null || run.Key.Model == query.Model) && (query.AssistantId is null || run.Key.AssistantId == query.AssistantId)
            && (query.Kind is null || run.Key.Kind == query.Kind)
            && (query.Since is null || run.Key.Hour >= query.Since) && (query.Until is null || run.Key.Hour < query.Until))
        .Aggregate(default(UsageAmounts), (sum, run) => sum + run.Amounts);

    private static UsageQuery RandomQuery(Random random)
    {
        T? Maybe<T>(Func<T> value) where T : class => random.Next(3) == 0 ? value() : null;
        UsageDimension[] dimensions = [UsageDimension.Model, UsageDimension.Assistant, UsageDimension.Day, UsageDimension.Hour, UsageDimension.Kind];
        return new UsageQuery
        {
            GroupBy = [.. dimensions.Where(_ => random.Next(2) == 0)],
            Model = Maybe(() => random.Next(2) == 0 ? "o3" : ""),
            AssistantId = Maybe(() => $"asst_{random.Next(3)}"),
            Kind = Maybe(() => random.Next(2) == 0 ? "thread.run" : "response"),
            Since = random.Next(2) == 0 ? null : Observed.At(3_600 * random.Next(30)),
            Until = random.Next(2) == 0 ? null : Observed.At(3_600 * random.Next(20, 60)),
        };
    }
}
