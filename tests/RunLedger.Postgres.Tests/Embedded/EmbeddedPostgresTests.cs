using System.Diagnostics;
using RunLedger.Postgres.Embedded;

namespace RunLedger.Postgres.Tests.Embedded;

public sealed class EmbeddedPostgresTests : IDisposable
{
    /// <summary>Little memory, full durability.</summary>
    public static readonly EmbeddedPostgresOptions Small = new()
    {
        Settings = new Dictionary<string, string> { ["shared_buffers"] = "16MB" },
    };

    private readonly TestDirectory _data = new();

    public void Dispose() => _data.Dispose();

    [Fact]
    public async Task A_second_start_finds_the_data_again()
    {
        await using (var first = await StartAsync())
            await Database.ExecuteAsync(first.ConnectionString, "create table kept as select 42 as answer");
        Assert.False(File.Exists(_data.File("postgres/postmaster.pid")));

        await using var second = await StartAsync();
        Assert.Equal(42, await Database.AskAsync<int>(second.ConnectionString, "select answer from kept"));
    }

    [Fact]
    public async Task A_user_that_is_attached_takes_over_when_the_owner_leaves()
    {
        var owner = await StartAsync();
        await using var attached = await StartAsync();
        await Database.ExecuteAsync(owner.ConnectionString, "create table kept as select 42 as answer");
        await owner.DisposeAsync();

        await Eventually.HoldsAsync("the attached one owns the server", () => Task.FromResult(attached.IsOwner));
        await AnswersAsync(attached.ConnectionString, "select answer from kept", 42);
    }

    [Fact]
    public async Task Of_many_that_start_at_once_one_owns_the_server_and_all_use_it()
    {
        var servers = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => Task.Run(StartAsync)));

        Assert.Single(servers, server => server.IsOwner);
        Assert.Single(servers.Select(server => server.ProcessId).Distinct());
        foreach (var server in servers.OrderBy(server => server.IsOwner))
            await server.DisposeAsync();
    }

    [Fact]
    public async Task Two_processes_that_start_at_once_use_one_server()
    {
        await using var one = OtherHost.Start(_data.Path);
        await using var other = OtherHost.Start(_data.Path);
        string[] answers = [await one.ReadyAsync(), await other.ReadyAsync()];
        await one.KillAsync();
        await other.KillAsync();

        await using var adopted = await StartAsync();
        Assert.Equal([$"attached {adopted.ProcessId}", $"owner {adopted.ProcessId}"], answers.Order());
    }

    [Fact]
    public async Task A_server_whose_owner_was_killed_runs_on_and_is_adopted()
    {
        await using var other = OtherHost.Start(_data.Path);
        var answer = await other.ReadyAsync();
        await other.KillAsync();

        int adopted;
        await using (var postgres = await StartAsync())
        {
            adopted = postgres.ProcessId;
            Assert.True(postgres.IsOwner);
            Assert.Equal($"owner {adopted}", answer);
            Assert.Equal(1, await Database.AskAsync<int>(postgres.ConnectionString, "select 1"));
        }

        await Eventually.HoldsAsync("the server is gone", () => Task.FromResult(!IsThere(adopted)));
    }

    [Fact]
    public async Task A_killed_server_is_started_again_with_everything_that_was_committed()
    {
        await using var postgres = await StartAsync();
        await Database.ExecuteAsync(postgres.ConnectionString, "create table kept as select 42 as answer");
        var killed = postgres.ProcessId;
        Kill(killed);

        await Eventually.HoldsAsync("another server runs", () => Task.FromResult(postgres.ProcessId != killed));
        await AnswersAsync(postgres.ConnectionString, "select answer from kept", 42);
    }

    [Fact]
    public async Task A_killed_server_is_started_again_even_while_a_statement_of_it_still_computes()
    {
        await using var postgres = await StartAsync();
        const string busy = "select count(*) from generate_series(1, 1000000000) a where a % 2 = 3";
        var computing = Database.AskAsync<long>(postgres.ConnectionString, busy);
        await Eventually.HoldsAsync("it computes", async () => await Database.AskAsync<long>(
            postgres.ConnectionString,
            "select count(*) from pg_stat_activity where query like '%generate_series%' and state = 'active'") > 1);
        var killed = postgres.ProcessId;
        Kill(killed);

        await Assert.ThrowsAnyAsync<Npgsql.NpgsqlException>(() => computing);
        await AnswersAsync(postgres.ConnectionString, "select 1", 1);
        await Eventually.HoldsAsync("another server runs", () => Task.FromResult(postgres.ProcessId != killed));
    }

    [Fact]
    public async Task A_postmaster_pid_that_names_another_process_is_no_server()
    {
        await (await StartAsync()).DisposeAsync();
        await File.WriteAllTextAsync(
            _data.File("postgres/postmaster.pid"),
            $"{Environment.ProcessId}\n{_data.File("postgres")}\n1700000000\n5432\n/tmp\n\n  1  1\nready   \n");

        await using var postgres = await StartAsync();
        Assert.NotEqual(Environment.ProcessId, postgres.ProcessId);
        Assert.Equal(1, await Database.AskAsync<int>(postgres.ConnectionString, "select 1"));
    }

    private Task<EmbeddedPostgres> StartAsync() => EmbeddedPostgres.StartAsync(_data.Path, Small);

    private static Task AnswersAsync(string connectionString, string sql, int answer) =>
        Eventually.HoldsAsync($"{sql} gives {answer}", async () =>
        {
            try
            {
                return await Database.AskAsync<int>(connectionString, sql) == answer;
            }
            catch (Npgsql.NpgsqlException)
            {
                return false;
            }
        });

    private static bool IsThere(int processId) => Process.GetProcesses().Any(process => process.Id == processId);

    private static void Kill(int processId)
    {
        using var process = Process.GetProcessById(processId);
        process.Kill();
    }
}
