using System.Runtime.Versioning;
using RunLedger.Postgres.Embedded;

namespace RunLedger.Postgres.Tests.Embedded;

[UnsupportedOSPlatform("windows")]
public sealed class RunningEmbeddedPostgresTests(RunningServer running) : IClassFixture<RunningServer>
{
    private EmbeddedPostgres Postgres => running.Postgres;

    [Fact]
    public async Task A_first_start_makes_a_durable_cluster_with_the_database_runledger()
    {
        Assert.True(Postgres.IsOwner);
        Assert.Equal("runledger", await Database.AskAsync<string>(Postgres.ConnectionString, "select current_database()::text"));
        foreach (var (name, value) in new Dictionary<string, string>
        {
            ["fsync"] = "on",
            ["synchronous_commit"] = "on",
            ["full_page_writes"] = "on",
            ["data_checksums"] = "on",
            ["server_encoding"] = "UTF8",
            ["jit"] = "off",
            ["timezone"] = "UTC",
            ["max_wal_size"] = "4GB",
            ["shared_buffers"] = "16MB",
        })
            Assert.Equal((name, value), (name, await Database.SettingAsync(Postgres.ConnectionString, name)));
        Assert.Equal("C", await Database.AskAsync<string>(
            Postgres.ConnectionString, "select datcollate::text from pg_database where datname = 'runledger'"));
    }

    [Fact]
    public async Task Only_the_servers_user_reaches_it_through_a_socket_and_nobody_over_tcp()
    {
        var socketDirectory = await Database.SettingAsync(Postgres.ConnectionString, "unix_socket_directories");
        Assert.Equal(
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(socketDirectory));
        Assert.Equal("", await Database.SettingAsync(Postgres.ConnectionString, "listen_addresses"));
    }

    [Fact]
    public async Task Ctrl_C_in_the_terminal_does_not_reach_the_server()
    {
        if (!OperatingSystem.IsLinux())
            return;

        // proc(5), stat: the sixth field is the session; one that leads it has its own id there.
        var stat = await File.ReadAllTextAsync($"/proc/{Postgres.ProcessId}/stat");
        Assert.Equal($"{Postgres.ProcessId}", stat.Split(' ')[5]);
    }

    [Fact]
    public async Task Databases_are_created_under_any_name_and_only_once()
    {
        const string name = "Its \"own\"; drop";
        var created = await Postgres.CreateDatabaseAsync(name);

        Assert.Equal(created, await Postgres.CreateDatabaseAsync(name));
        Assert.Equal(name, await Database.AskAsync<string>(created, "select current_database()::text"));
    }

    [Fact]
    public async Task A_second_user_attaches_and_leaves_the_server_running()
    {
        await using (var attached = await EmbeddedPostgres.StartAsync(running.DataDirectory, EmbeddedPostgresTests.Small))
        {
            Assert.False(attached.IsOwner);
            Assert.Equal(Postgres.ProcessId, attached.ProcessId);
            Assert.Equal(Postgres.ConnectionString, attached.ConnectionString);
        }

        Assert.Equal(1, await Database.AskAsync<int>(Postgres.ConnectionString, "select 1"));
    }

    [Fact]
    public async Task A_data_directory_is_one_by_whatever_link_it_is_reached()
    {
        using var links = new TestDirectory();
        Directory.CreateSymbolicLink(links.File("link"), running.DataDirectory);
        await using var attached = await EmbeddedPostgres.StartAsync(links.File("link"), EmbeddedPostgresTests.Small);

        Assert.Equal(Postgres.ProcessId, attached.ProcessId);
    }
}
