using Npgsql;
using RunLedger.Domain.Observations;
using RunLedger.Host.Tests.CommandLine;
using RunLedger.Postgres.Polling;
using static RunLedger.Host.Tests.Polling.ScriptedUpstream;

namespace RunLedger.Host.Tests.Polling;

/// <summary>The host as a process of its own, killed while it polls, with each engine that the build has.</summary>
[Collection(TestDatabase.Collection)]
public sealed class RestartTests(TestDatabase databases)
{
    private const int Runs = 500;

    [Theory]
    [MemberData(nameof(Engines.AndSchedulers), MemberType = typeof(Engines))]
    public async Task A_kill_in_the_middle_of_500_polled_runs_loses_none_and_doubles_none(string engine, string? scheduler)
    {
        await using var upstream = await ScriptedUpstream.StartAsync((context, times) =>
            AnswerRunAsync(context, times switch { 1 => "queued", < 4 => "in_progress", _ => "completed" }));
        var database = await databases.CreateAsync();
        await using var dataSource = NpgsqlDataSource.Create(database);
        using (var first = Serve(database, engine, scheduler, upstream))
        {
            await Eventually.HoldsAsync("the host listens", () => first.Said.Contains("listens on", StringComparison.Ordinal));
            await new WatchStore(dataSource).AddAsync(
                [.. Enumerable.Range(0, Runs).Select(run => new WatchKey(TenantId.Default, "scripted", $"thread_{run % 7}", $"run_{run}"))], CancellationToken.None);
            await Eventually.HoldsAsync("it is in the middle of them", () => upstream.Requests > 2 * Runs);
            first.Signal(Invocation.Kill);
            Assert.NotEqual(0, (await first.EndAsync()).ExitCode);
        }
        Assert.NotEqual(0, await AskAsync(dataSource, "select count(*) from runledger.watches"));

        using var second = Serve(database, engine, scheduler, upstream);
        await Eventually.HoldsAsync("the watches are there", () => second.Said.Contains("listens on", StringComparison.Ordinal));
        await Eventually.HoldsAsync("all are ended", async () => await AskAsync(dataSource, "select count(*) from runledger.watches") == 0);

        Assert.Equal(Runs, await AskAsync(dataSource, "select count(*) from runledger.run_views where status = 'completed' and version = 3"));
        Assert.Equal(Runs, await AskAsync(dataSource, "select sum(completed)::bigint from runledger.usage_buckets"));
        Assert.Equal(3 * Runs, await AskAsync(dataSource, "select count(distinct (stream_id, type)) from runledger.mt_events"));
        Assert.Equal(3 * Runs, await AskAsync(dataSource, "select count(*) from runledger.mt_events"));
        if (engine != "marten" || scheduler is not null) return;
        Assert.NotEqual(0, await AskAsync(dataSource, "select count(*) from runledger_queues.wolverine_incoming_envelopes "));
        Assert.Equal(0, await AskAsync(dataSource, "select count(*) from runledger_queues.wolverine_dead_letters"));
    }

    private static Invocation Serve(string database, string engine, string? scheduler, ScriptedUpstream upstream) => Invocation.Start(
        database,
        new Dictionary<string, string>
        {
            ["Upstreams__0__name"] = "scripted",
            ["Upstreams__0__base_url"] = upstream.BaseAddress.ToString(),
            ["Upstreams__0__poll_interval"] = "00:00:00.200",
            ["Upstreams__0__longest_interval"] = "00:00:00.300",
            ["Polling__lease"] = "00:00:01",
            ["Polling__scheduler"] = scheduler!,
        }.Where(setting => setting.Value is not null),
        "serve", "--engine", engine, "--urls", "http://127.0.0.1:0");

    private static async Task<long> AskAsync(NpgsqlDataSource dataSource, string question)
    {
        await using var command = dataSource.CreateCommand(question);
        return (long)(await command.ExecuteScalarAsync())!;
    }
}
