using System.Text.Json;
using Npgsql;
using RunLedger.Host.Tests.Polling;

namespace RunLedger.Host.Tests.CommandLine;

[Collection(TestDatabase.Collection)]
public sealed class ProjectionsTests(TestDatabase database)
{
    [Fact]
    public async Task Views_are_shown_rebuilt_and_verified_and_a_difference_is_named()
    {
        var connection = await database.CreateAsync();
        await ImportAsync(connection);
        Assert.Contains("current", (await Invocation.RunAsync(connection, "projections")).Expect(0), StringComparison.Ordinal);

        var rebuilt = await Invocation.RunAsync(connection, "projections", "rebuild", "runs", "usage");
        Assert.StartsWith("Rebuilt runs and usage from ", rebuilt.Expect(0), StringComparison.Ordinal);
        Assert.Contains("of disk until the switch", rebuilt.Error, StringComparison.Ordinal);
        Assert.Contains(": 0 differences.", (await Invocation.RunAsync(connection, "projections", "verify")).Expect(0), StringComparison.Ordinal);

        await using (var dataSource = NpgsqlDataSource.Create(connection))
        await using (var corrupt = dataSource.CreateCommand("update runledger.run_views set status = 'lost' where run_id = 'run_1'"))
            await corrupt.ExecuteNonQueryAsync();
        Assert.Contains("run_1 of tenant *DEFAULT*: status is 'lost'", (await Invocation.RunAsync(connection, "projections", "verify", "runs")).Expect(1), StringComparison.Ordinal);
        using var found = JsonDocument.Parse((await Invocation.RunAsync(connection, "projections", "verify", "--json")).Expect(1));
        Assert.Equal("run_1", found.RootElement.GetProperty("data")[0].GetProperty("of").GetString());
        using var status = JsonDocument.Parse((await Invocation.RunAsync(connection, "projections", "status", "--json")).Expect(0));
        Assert.NotEqual(JsonValueKind.Null, status.RootElement.GetProperty("data")[0].GetProperty("rebuilt_at").ValueKind);
        using var again = JsonDocument.Parse((await Invocation.RunAsync(connection, "projections", "rebuild", "runs", "--json")).Expect(0));
        Assert.True(again.RootElement.GetProperty("events").GetInt64() >= 2);
    }

    [Fact]
    public async Task A_rebuild_can_be_interrupted_and_gone_on_with_and_there_is_one_at_a_time()
    {
        var connection = await database.CreateAsync();
        await ImportAsync(connection);
        await using var dataSource = NpgsqlDataSource.Create(connection);
        await using var report = await dataSource.OpenConnectionAsync();
        // A long report, which the switch waits for.
        await using var transaction = await report.BeginTransactionAsync();
        await using (var read = new NpgsqlCommand("select count(*) from runledger.run_views", report)) await read.ExecuteScalarAsync();

        using var rebuild = Invocation.Start(connection, "projections", "rebuild", "runs", "usage");
        await Eventually.HoldsAsync("the rebuild would switch", async () => await PhaseAsync() == "catching_up");
        var second = await Invocation.RunAsync(connection, "projections", "rebuild", "usage");
        second.Expect(1);
        Assert.Contains("under way already", second.Error, StringComparison.Ordinal);
        rebuild.Signal(Invocation.Interrupt);
        var interrupted = await rebuild.EndAsync();
        interrupted.Expect(130);
        Assert.Contains("The views are as they were", interrupted.Error, StringComparison.Ordinal);
        Assert.Contains("was interrupted", (await Invocation.RunAsync(connection, "projections")).Expect(0), StringComparison.Ordinal);

        await transaction.CommitAsync();
        Assert.StartsWith("Rebuilt runs and usage", (await Invocation.RunAsync(connection, "projections", "rebuild", "runs", "usage")).Expect(0), StringComparison.Ordinal);
        Assert.Equal("switched", await PhaseAsync());

        async Task<string?> PhaseAsync()
        {
            await using var command = dataSource.CreateCommand("select string_agg(phase, ' ') from runledger.rebuilds");
            return await command.ExecuteScalarAsync() as string;
        }
    }

    [Fact]
    public async Task A_rebuild_for_which_there_is_no_room_is_refused_but_for_who_knows_better()
    {
        var connection = await database.CreateAsync();
        await ImportAsync(connection);
        await using (var dataSource = NpgsqlDataSource.Create(connection))
        await using (var many = dataSource.CreateCommand("update pg_class set reltuples = 1e15 where oid = 'runledger.mt_streams'::regclass"))
            await many.ExecuteNonQueryAsync();

        var refused = await Invocation.RunAsync(connection, "projections", "rebuild", "runs");
        refused.Expect(1);
        Assert.Contains("are free in /", refused.Error, StringComparison.Ordinal);
        Assert.Contains("Rebuilt runs", (await Invocation.RunAsync(connection, "projections", "rebuild", "runs", "--anyway")).Expect(0), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_no_view_is_wrong_usage()
    {
        (await Invocation.RunAsync(null, "projections", "rebuild")).Expect(2);
        (await Invocation.RunAsync(null, "projections", "rebuild", "nothing")).Expect(2);
    }

    private static async Task ImportAsync(string connection)
    {
        using var import = Invocation.Start(connection, "import", "-");
        foreach (var run in (string[])["run_1", "run_2"])
            await import.Input.WriteLineAsync(
                $$"""{"id":"{{run}}","object":"thread.run","created_at":1760000000,"thread_id":"thread_1","status":"queued","model":"gpt-4o","metadata":{} }""");
        import.Input.Close();
        (await import.EndAsync()).Expect(0);
    }
}
