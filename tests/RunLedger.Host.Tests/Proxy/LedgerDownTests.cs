using System.Text;
using System.Text.RegularExpressions;
using Npgsql;
using RunLedger.Host.Tests.Api;
using RunLedger.Host.Tests.CommandLine;
using RunLedger.Host.Tests.Polling;
using RunLedger.Postgres.Recording;

namespace RunLedger.Host.Tests.Proxy;

/// <summary>Whatever happens to the ledger, the traffic passes.</summary>
[Collection(TestDatabase.Collection)]
public sealed partial class LedgerDownTests(TestDatabase database)
{
    private static readonly RecorderOptions Impatient = new() { RetryFor = TimeSpan.FromMilliseconds(50) };

    [Fact]
    public async Task While_the_database_takes_nothing_what_passes_waits_as_long_as_there_is_room_and_is_recorded_then()
    {
        using var counted = new Counted("runledger.proxy.unobserved");
        await using var proxy = await RunningProxy.StartAsync(database, new() { ["Proxy:MostWaiting"] = "6000" }, Impatient);
        await SetReadOnlyAsync(proxy, true);

        for (var i = 0; i < 20; i++) await PassAsync(proxy, $"run_{i:00}");
        await Eventually.HoldsAsync("it is said", () => proxy.Log.Any(line => line.Contains("does not record at the moment", StringComparison.Ordinal)));
        Assert.InRange(counted["no_room"], 10, 19);
        Assert.Single(proxy.Log, line => line.Contains("takes all that Proxy:MostWaiting allows", StringComparison.Ordinal));

        await SetReadOnlyAsync(proxy, false);
        await proxy.HistoryAsync("run_00", "run_completed");
        await Eventually.HoldsAsync("it is said", () => proxy.Log.Contains("Information: The ledger records again what passes the proxy."));
        await PassAsync(proxy, "run_after");
        await proxy.HistoryAsync("run_after", "run_completed");
    }

    [Fact]
    public async Task Without_its_database_the_ledger_counts_what_it_does_not_record()
    {
        using var counted = new Counted("runledger.proxy.unobserved");
        await using var proxy = await RunningProxy.StartAsync(database, recorder: Impatient);
        var name = new NpgsqlConnectionStringBuilder(proxy.Api.Ledger.DataSource.ConnectionString).Database!;
        await using (var postgres = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(database.Server.ConnectionString) { Pooling = false }))
        await using (var drop = postgres.CreateCommand($"drop database {name} with (force)"))
            await drop.ExecuteNonQueryAsync();

        for (var i = 0; i < 5; i++) await PassAsync(proxy, $"run_{i}");

        await Eventually.HoldsAsync("all are counted", () => counted["not_recorded"] == 5);
        Assert.Single(proxy.Log, line => line.Contains("not recorded by the ledger", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_host_that_ends_records_what_has_passed()
    {
        var connection = await database.CreateAsync();
        await using var upstream = await ScriptedUpstream.StartAsync((context, _) => Passing.Json(Samples.Run(context.Request.Path.Value!.Split('/')[^1]))(context));
        using var serve = Invocation.Start(
            connection, [KeyValuePair.Create("Proxy__Upstream", upstream.BaseAddress.ToString())], "serve", "--urls", "http://127.0.0.1:0");
        await Eventually.HoldsAsync("it listens", () => Address().IsMatch(serve.Said));
        using var client = new HttpClient { BaseAddress = new Uri(Address().Match(serve.Said).Value) };

        await Task.WhenAll(Enumerable.Range(0, 200).Select(i => client.BytesAsync($"/proxy/threads/thread_1/runs/run_{i}")));
        serve.Signal(Invocation.Terminate);

        (await serve.EndAsync()).Expect(0);
        await using var ledger = await TestDatabase.OpenLedgerAsync(connection);
        await using var count = ledger.DataSource.CreateCommand("select count(*) from runledger.run_views");
        Assert.Equal(200L, await count.ExecuteScalarAsync());
    }

    private static async Task PassAsync(RunningProxy proxy, string run)
    {
        proxy.Answer = Passing.Json(Samples.Run(run));
        Assert.Equal(Samples.Run(run), Encoding.UTF8.GetString(await proxy.Client.BytesAsync($"/proxy/threads/thread_1/runs/{run}").InTimeAsync()));
    }

    private static async Task SetReadOnlyAsync(RunningProxy proxy, bool isReadOnly)
    {
        var connection = new NpgsqlConnectionStringBuilder(proxy.Api.Ledger.DataSource.ConnectionString)
        {
            Pooling = false,
            Options = "-c default_transaction_read_only=off",
        };
        await using var postgres = NpgsqlDataSource.Create(connection);
        await using (var set = postgres.CreateCommand($"alter database {connection.Database} set default_transaction_read_only = {(isReadOnly ? "on" : "off")}"))
            await set.ExecuteNonQueryAsync();
        // Sessions take it from their beginning on.
        await using var end = postgres.CreateCommand(
            "select count(pg_terminate_backend(pid)) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()");
        await end.ExecuteNonQueryAsync();
    }

    [GeneratedRegex(@"http://127\.0\.0\.1:\d+")]
    private static partial Regex Address();
}
