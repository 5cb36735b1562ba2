using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;
using RunLedger.Domain.Observations;
using RunLedger.Host.Replay;
using RunLedger.Host.Tests.Polling;
using RunLedger.Postgres;
using RunLedger.Postgres.Recording;
using RunLedger.Postgres.Replay;

namespace RunLedger.Host.Tests.Replay;

/// <summary>A host keeps the views as its program and its settings make them, in the background.</summary>
[Collection(TestDatabase.Collection)]
public sealed class ProjectionServiceTests(TestDatabase database)
{
    private static readonly ViewVersions Older = new(Runs: 1, Usage: 1);

    [Fact]
    public async Task What_a_newer_program_derives_otherwise_is_rebuilt_while_an_older_one_serves_and_records()
    {
        var connection = await database.CreateAsync();
        await using var older = await OpenAsync(connection, Older);
        await RecordAsync(older, "run_1", "red");
        await using var newer = await OpenAsync(connection);
        await RecordAsync(newer, "run_2", "red");
        Assert.Equal("outdated", await StateAsync(newer, "runs"));
        Assert.Null((await newer.Runs.FindAsync(TenantId.Default, new("run_1"), default))!.ToolNames);

        using var host = await StartAsync(newer);
        await Eventually.HoldsAsync("the runs are rebuilt", async () => await StateAsync(newer, "runs") == "current");
        Assert.Equal("", (await newer.Runs.FindAsync(TenantId.Default, new("run_1"), default))!.ToolNames);
        await RecordAsync(newer, "run_3", "red");
        await Assert.ThrowsAsync<NewerViewsException>(() => RecordAsync(older, "run_4", "red"));
        Assert.Equal("newer", await StateAsync(older, "runs"));
        Assert.Equal(0, (await newer.Projections.VerifyAsync(["runs", "usage"], _ => { }, _ => { }, default)).Differences);
        await host.StopAsync();
    }

    [Fact]
    public async Task A_dimension_in_the_settings_is_there_for_the_whole_history_and_no_other_host_undoes_it()
    {
        var connection = await database.CreateAsync();
        await using var ledger = await OpenAsync(connection);
        await using var other = await OpenAsync(connection);
        foreach (var run in Enumerable.Range(0, 12)) await RecordAsync(ledger, $"run_{run}", run % 3 == 0 ? "red" : "blue");
        await RecordAsync(other, "run_other", null);
        var before = await TeamsAsync(ledger);
        Assert.Equal([("", 1), ("blue", 8), ("red", 4)], before);

        using var host = await StartAsync(ledger, ("Usage:Dimensions:0", "metadata.team"), ("Usage:Dimensions:1", "tool.name"));
        using var beside = await StartAsync(other);
        await Eventually.HoldsAsync("usage is kept by the dimensions", async () => (await ledger.Projections.StatusAsync(default)).Views[1].Dimensions.Count == 2);
        Assert.Equal(before, await TeamsAsync(ledger));
        Assert.Equal(before, await TeamsAsync(other));

        await RecordAsync(other, "run_new", "blue");
        await RecordAsync(ledger, "run_newer", "red");
        Assert.Equal([("", 1), ("blue", 9), ("red", 5)], await TeamsAsync(other));
        Assert.Null(await other.Projections.DueAsync([], default));
        Assert.Equal(0, (await other.Projections.VerifyAsync(["runs", "usage"], _ => { }, _ => { }, default)).Differences);
        await host.StopAsync();
        await beside.StopAsync();
    }

    [Fact]
    public async Task What_is_asked_for_is_rebuilt_and_what_was_interrupted_too()
    {
        await using var ledger = await OpenAsync(await database.CreateAsync());
        await RecordAsync(ledger, "run_1", "red");
        using var interruption = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => ledger.Projections.RebuildAsync(
            new RebuildTarget(true, false, ViewVersions.OfThisProgram, []), _ => interruption.Cancel(), interruption.Token));

        using var host = await StartAsync(ledger);
        await Eventually.HoldsAsync("the interrupted rebuild has gone on", async () => (await ledger.Projections.StatusAsync(default)).Views[0].RebuiltAt is not null);
        host.Services.GetRequiredService<RebuildRequests>().Add("usage");
        await Eventually.HoldsAsync("what was asked for is rebuilt", async () => (await ledger.Projections.StatusAsync(default)).Views[1].RebuiltAt is not null);
        await host.StopAsync();
    }

    [Fact]
    public async Task Hosts_that_are_to_verify_do_so_once_and_again_when_it_is_time()
    {
        var connection = await database.CreateAsync();
        await using var ledger = await OpenAsync(connection);
        await using var other = await OpenAsync(connection);
        await RecordAsync(ledger, "run_1", "red");
        using var host = await StartAsync(ledger, ("Projections:Verify", "1.00:00:00"));
        await Eventually.HoldsAsync("the views are verified", async () => (await ViewsAsync()).All(view => view is { Differences: 0, VerifiedAt: not null }));
        var first = (await ViewsAsync())[0].VerifiedAt;

        using var beside = await StartAsync(other, ("Projections:Verify", "00:00:01"));
        await Eventually.HoldsAsync("the one for which it is time verifies", async () => (await ViewsAsync()).All(view => view.VerifiedAt > first));
        await host.StopAsync();
        await beside.StopAsync();

        async Task<IReadOnlyList<ViewStatus>> ViewsAsync() => (await ledger.Projections.StatusAsync(default)).Views;
    }

    [Fact]
    public async Task What_was_asked_for_while_somebody_else_rebuilt_is_rebuilt_afterwards()
    {
        var connection = await database.CreateAsync();
        await using var ledger = await OpenAsync(connection);
        await using var other = await OpenAsync(connection);
        await RecordAsync(ledger, "run_1", "red");
        using var host = await StartAsync(ledger, ("Projections:Automatic", "false"));
        var (begun, refused) = (new TaskCompletionSource(), new TaskCompletionSource());
        var rebuild = Task.Run(() => other.Projections.RebuildAsync(
            new RebuildTarget(true, false, ViewVersions.OfThisProgram, []),
            progress =>
            {
                if (progress.Phase != "indexing") return;
                begun.TrySetResult();
                refused.Task.GetAwaiter().GetResult();
            },
            default));
        await await Task.WhenAny(begun.Task, rebuild);
        host.Services.GetRequiredService<RebuildRequests>().Add("usage");
        var said = host.Services.GetRequiredService<LoggedLines>();
        try
        {
            await Eventually.HoldsAsync("the host has met the other rebuild", () => said.Any(line => line.Contains("usage is rebuilt after it", StringComparison.Ordinal)));
        }
        finally
        {
            refused.SetResult();
            await rebuild;
        }

        await Eventually.HoldsAsync("what was asked for is rebuilt", async () => (await ledger.Projections.StatusAsync(default)).Views[1].RebuiltAt is not null);
        await host.StopAsync();
    }

    [Fact]
    public async Task What_is_asked_for_does_not_wait_until_what_failed_is_tried_again()
    {
        await using var ledger = await OpenAsync(await database.CreateAsync());
        await RecordAsync(ledger, "run_1", "red");
        await ExecuteAsync("create table kept as select * from runledger.mt_events; delete from runledger.mt_events; update runledger.mt_streams set version = 2");
        await ExecuteAsync("insert into runledger.mt_events select (jsonb_populate_record(kept, '{\"version\": 2}')).* from kept");
        using var host = await StartAsync(ledger, new PausesWithoutEnd(), ("Projections:Automatic", "false"));
        var (requests, said) = (host.Services.GetRequiredService<RebuildRequests>(), host.Services.GetRequiredService<LoggedLines>());
        requests.Add("runs");
        await Eventually.HoldsAsync("it has failed", () => said.Any(line => line.Contains("Views were not rebuilt", StringComparison.Ordinal)));
        await ExecuteAsync("update runledger.mt_events set version = 1; update runledger.mt_streams set version = 1");

        requests.Add("usage");

        await Eventually.HoldsAsync("usage is rebuilt", async () => (await ledger.Projections.StatusAsync(default)).Views[1].RebuiltAt is not null);
        await Eventually.HoldsAsync("and then what had failed", async () => (await ledger.Projections.StatusAsync(default)).Views[0].RebuiltAt is not null);
        await host.StopAsync();

        async Task ExecuteAsync(string sql)
        {
            await using var command = ledger.DataSource.CreateCommand(sql);
            await command.ExecuteNonQueryAsync();
        }
    }

    [Fact]
    public void However_often_a_view_is_asked_for_another_one_is_not_forgotten()
    {
        var requests = new RebuildRequests();
        for (var i = 0; i < 20; i++) requests.Add("runs");
        requests.Add("usage");

        Assert.Equal(("runs", "usage", null), (requests.TryTake(), requests.TryTake(), requests.TryTake()));
    }

    [Theory]
    [InlineData("Usage:Dimensions", "model", "'model'")]
    [InlineData("Usage:Dimensions:0", "metadata.", "'metadata.'")]
    [InlineData("Usage:Dimensions", "metadata.1,metadata.2,metadata.3,metadata.4,metadata.5,metadata.6,metadata.7,metadata.8,metadata.9,metadata.10,metadata.11,metadata.12,"
        + "metadata.13,metadata.14,metadata.15,metadata.16,metadata.17,metadata.18,metadata.19,metadata.20,metadata.21,metadata.22,metadata.23,metadata.24,metadata.25,"
        + "metadata.26,metadata.27,metadata.28,metadata.29,metadata.30,metadata.31,metadata.32,metadata.33", "33 dimensions")]
    [InlineData("Projections:Verify", "often", "'often'")]
    [InlineData("Projections:Automatic", "maybe", "'maybe'")]
    public void A_setting_that_cannot_be_read_is_named(string name, string value, string named)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([KeyValuePair.Create(name, (string?)value)]).Build();
        var wrong = Assert.Throws<InvalidOperationException>(() => new ServiceCollection().AddReplay(configuration));
        Assert.Contains(named, wrong.Message, StringComparison.Ordinal);
    }

    private static Task<Ledger> OpenAsync(string connection, ViewVersions? views = null) => Ledger.OpenAsync(
        connection, new RecorderOptions { Views = views ?? ViewVersions.OfThisProgram }, TimeProvider.System, NullLoggerFactory.Instance, CancellationToken.None);

    private static Task<IHost> StartAsync(Ledger ledger, params (string Name, string Value)[] settings) => StartAsync(ledger, TimeProvider.System, settings);

    private static async Task<IHost> StartAsync(Ledger ledger, TimeProvider clock, params (string Name, string Value)[] settings)
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Name, (string?)setting.Value)));
        builder.Services.AddSingleton(ledger);
        builder.Services.AddSingleton(clock);
        var said = new LoggedLines();
        builder.Services.AddSingleton(said);
        builder.Services.AddLogging(logging => logging.AddConsole().AddFilter<ConsoleLoggerProvider>(level => level >= LogLevel.Warning).AddProvider(said));
        builder.Services.AddReplay(builder.Configuration);
        var host = builder.Build();
        await host.StartAsync();
        return host;
    }

    /// <summary>Whoever pauses by this clock does so for ever.</summary>
    private sealed class PausesWithoutEnd : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            base.CreateTimer(callback, state, Timeout.InfiniteTimeSpan, period);
    }

    private static async Task RecordAsync(Ledger ledger, string run, string? team)
    {
        var metadata = team is null ? "{}" : $$"""{"team":"{{team}}"}""";
        var json = $$"""{"id":"{{run}}","object":"thread.run","created_at":1760000000,"thread_id":"thread_1","status":"queued","model":"gpt-4o","metadata":{{metadata}} }""";
        var snapshot = Snapshot.Read(System.Text.Encoding.UTF8.GetBytes(json)).Value!;
        var observation = new Observation(snapshot, DateTimeOffset.UnixEpoch.AddSeconds(1_760_000_001), TimeBasis.Stated, "test");
        await ledger.Recorder.RecordAsync([new Submission.Observed(TenantId.Default, observation, "")], CancellationToken.None);
    }

    private static async Task<string> StateAsync(Ledger ledger, string view) =>
        (await ledger.Projections.StatusAsync(CancellationToken.None)).Views.Single(status => status.Name == view).State;

    private static async Task<List<(string, long)>> TeamsAsync(Ledger ledger) =>
        [.. (await ledger.Usage.ReportAsync(TenantId.Default, new() { MetadataKeys = ["team"] }, CancellationToken.None))
            .Select(row => (row.Metadata[0].Value, row.Amounts.Runs))];
}
