using JasperFx.Events.Projections;
using Marten;
using Marten.Events.Aggregation;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using RunLedger.Contract;
using RunLedger.Contract.Samples;
using RunLedger.Domain.Observations;
using RunLedger.Domain.Runs;
using RunLedger.Marten.Projections;
using RunLedger.Postgres;
using RunLedger.Postgres.Recording;

namespace RunLedger.Marten.Tests;

/// <summary>The ledger's streams under Marten's projections, the ledger's own and an application's.</summary>
public sealed class ProjectionTests : IAsyncLifetime
{
    private static readonly TenantId Tenant = new("one");

    private NpgsqlDataSource _dataSource = null!;
    private Ledger _ledger = null!;

    public async Task InitializeAsync()
    {
        var connection = await SharedServer.CreateDatabaseAsync();
        _dataSource = NpgsqlDataSource.Create(connection);
        _ledger = await Ledger.OpenAsync(
            connection, dataSource => new MartenEventStore(dataSource), new(), TimeProvider.System, NullLoggerFactory.Instance, CancellationToken.None);
    }

    public async Task DisposeAsync()
    {
        await _ledger.DisposeAsync();
        await _dataSource.DisposeAsync();
    }

    [Fact]
    public async Task A_run_is_aggregated_live()
    {
        await RecordAsync(RandomRuns());
        await using var store = DocumentStore.For(options =>
        {
            options.UseRunLedger(_dataSource);
            options.Projections.Add(new RunSummaryProjection(), ProjectionLifecycle.Live);
        });
        await using var session = store.QuerySession(Tenant.Value);
        foreach (var view in await ViewsAsync()) AssertSame(view, await session.Events.AggregateStreamAsync<RunSummary>(view.RunId));
    }

    [Fact]
    public async Task Snapshots_of_runs_are_rebuilt_by_the_daemon_and_hold_what_the_ledgers_views_hold()
    {
        await RecordAsync(RandomRuns());
        await using var store = await StoreAsync(options => options.Projections.Add(new RunSummaryProjection(), ProjectionLifecycle.Async));
        using var daemon = await store.BuildProjectionDaemonAsync();
        await daemon.RebuildProjectionAsync<RunSummary>(CancellationToken.None);

        await using var session = store.QuerySession(Tenant.Value);
        var views = await ViewsAsync();
        Assert.NotEmpty(views);
        foreach (var view in views) AssertSame(view, await session.LoadAsync<RunSummary>(view.RunId));
    }

    [Fact]
    public async Task Usage_of_a_day_is_summed_over_runs_as_the_ledger_sums_it()
    {
        await RecordAsync([.. Enumerable.Range(1, 30).Select(run => Tenant.Seen(RunJson.Queued($"run_{run}").Started(2).Completed(9, run * 10), 10))]);
        await using var store = await StoreAsync(options => options.Projections.Add(new DailyUsageProjection(), ProjectionLifecycle.Async));
        using var daemon = await store.BuildProjectionDaemonAsync();
        await daemon.RebuildProjectionAsync<DailyUsage>(CancellationToken.None);

        await using var session = store.QuerySession(Tenant.Value);
        Assert.Equal(
            await _dataSource.ListAsync<string>(
                """
                select concat_ws(' ', to_char(hour at time zone 'utc', 'YYYY-MM-DD'), sum(runs), sum(completed), sum(prompt_tokens), sum(completion_tokens), sum(total_tokens))
                from runledger.usage_buckets where tenant_id = 'one' group by to_char(hour at time zone 'utc', 'YYYY-MM-DD') order by 1
                """),
            (await session.Query<DailyUsage>().OrderBy(day => day.Id).ToListAsync())
                .Select(day => $"{day.Id} {day.Runs} {day.Completed} {day.PromptTokens} {day.CompletionTokens} {day.TotalTokens}"));
    }

    // The sample of docs/engines.md: an application that has Marten of its own adds a projection over the ledger's runs.
    [Fact]
    public async Task An_application_adds_a_projection_of_its_own_which_follows_the_ledger()
    {
        await using var store = await StoreAsync(options =>
        {
            options.DatabaseSchemaName = "support";
            options.Projections.Add(new FailureNoticeProjection(), ProjectionLifecycle.Async);
        });
        using var daemon = await store.BuildProjectionDaemonAsync();
        await daemon.StartAllAsync();
        await RecordAsync(
            Tenant.Seen(RunJson.Queued("run_1").Ended("failed"), 10), Tenant.Seen(RunJson.Queued("run_2").Started(2).Completed(9), 10));
        await daemon.WaitForNonStaleData(TimeSpan.FromSeconds(30));

        await using var session = store.QuerySession(Tenant.Value);
        var notice = Assert.Single(await session.Query<FailureNotice>().ToListAsync());
        Assert.Equal("run_1", notice.Id);
        await daemon.StopAllAsync();
    }

    private static void AssertSame(RunView view, RunSummary? summary)
    {
        Assert.NotNull(summary);
        Assert.Equal(
            (view.RunId, view.Status, view.Model, view.AssistantId, view.ThreadId, view.ToolCalls),
            (summary.Id, summary.Status ?? "", summary.Model, summary.AssistantId, summary.ThreadId, summary.ToolCalls));
    }

    private static Submission.Observed[] RandomRuns()
    {
        var random = new Random(11);
        return [.. Enumerable.Range(0, 20).SelectMany(run => RandomHistory.Of(random, Tenant, $"run_{run}", nasty: false))];
    }

    private async Task RecordAsync(params Submission.Observed[] all) => await _ledger.Recorder.RecordAsync(all, CancellationToken.None);

    private async Task<List<RunView>> ViewsAsync()
    {
        var views = new List<RunView>();
        foreach (var run in await _dataSource.ListAsync<string>("select run_id from runledger.run_views where tenant_id = 'one'"))
            views.Add((await _ledger.Runs.FindAsync(Tenant, new RunId(run), CancellationToken.None))!);
        return views;
    }

    private async Task<DocumentStore> StoreAsync(Action<StoreOptions> configure)
    {
        var store = DocumentStore.For(options =>
        {
            options.UseRunLedger(_dataSource);
            configure(options);
        });
        await store.Storage.ApplyAllConfiguredChangesToDatabaseAsync();
        return store;
    }
}

/// <summary>An application's document: somebody is to look at a run that failed.</summary>
public sealed class FailureNotice
{
    public string Id { get; set; } = "";

    public DateTimeOffset FailedAt { get; set; }
}

/// <summary>An application's projection over the ledger's runs.</summary>
public sealed partial class FailureNoticeProjection : SingleStreamProjection<FailureNotice, string>
{
    public static FailureNotice Create(RunFailed failed) => new() { FailedAt = failed.Sighting.OccurredAt };
}
