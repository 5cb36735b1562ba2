using System.Runtime.Versioning;
using Microsoft.Extensions.Logging.Abstractions;
using RunLedger.Postgres.Embedded;

namespace RunLedger.Postgres.Tests.Embedded;

[UnsupportedOSPlatform("windows")]
public sealed class EmbeddedPostgresPlaceTests
{
    private static readonly EmbeddedPostgresOptions Small = EmbeddedPostgresTests.Small;

    [Fact]
    public async Task A_data_directory_that_only_root_may_enter_gets_a_cluster_elsewhere_and_a_note()
    {
        if (!Environment.IsPrivilegedProcess)
            return;
        using var data = new TestDirectory();
        File.SetUnixFileMode(data.Path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        string cluster;
        await using (var first = await EmbeddedPostgres.StartAsync(data.Path, Small))
        {
            cluster = first.ClusterDirectory;
            await Database.ExecuteAsync(first.ConnectionString, "create table kept as select 42 as answer");
        }

        // The note, not the path, leads to the cluster: the directory may be moved and opened.
        using var elsewhere = new TestDirectory();
        var moved = elsewhere.File("moved");
        Directory.Move(data.Path, moved);
        Directory.CreateDirectory(data.Path);
        await using (var second = await EmbeddedPostgres.StartAsync(moved, Small))
            Assert.Equal(42, await Database.AskAsync<int>(second.ConnectionString, "select answer from kept"));

        Assert.StartsWith("/var/lib/runledger/", cluster, StringComparison.Ordinal);
        Assert.Contains(cluster, await File.ReadAllTextAsync(Path.Combine(moved, "postgres-is-elsewhere.txt")), StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(moved, "postgres.log")));
        Directory.Delete(Path.GetDirectoryName(cluster)!, recursive: true);
    }

    [Fact]
    public async Task A_data_directory_may_have_a_path_longer_than_a_sockets_and_characters_that_a_shell_knows()
    {
        using var data = new TestDirectory(Path.Combine(new string('d', 150), "it's a \"$HOME\" directory"));
        await using var postgres = await EmbeddedPostgres.StartAsync(data.Path, Small);

        Assert.Equal(1, await Database.AskAsync<int>(postgres.ConnectionString, "select 1"));
    }

    [Fact]
    public async Task A_socket_directory_that_somebody_else_planted_is_refused()
    {
        using var data = new TestDirectory();
        using var planted = new TestDirectory();
        File.CreateSymbolicLink(planted.File("socket"), data.Path);

        var error = await Assert.ThrowsAsync<EmbeddedPostgresException>(
            () => EmbeddedPostgres.StartAsync(data.Path, Small with { SocketDirectory = planted.File("socket") }));
        Assert.Contains("does not belong to user", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_binaries_the_error_says_where_it_looked_and_how_to_install_them()
    {
        using var data = new TestDirectory();
        var error = await Assert.ThrowsAsync<PostgresNotFoundException>(
            () => EmbeddedPostgres.StartAsync(data.Path, Small with { BinaryDirectories = ["/nowhere/bin"] }));

        Assert.Equal(["/nowhere/bin"], error.Searched);
        Assert.Matches("^PostgreSQL 14 or newer not found. Looked in /nowhere/bin. Install it with `.*postgresql.*`", error.Message);
    }

    [Fact]
    public async Task A_cluster_of_a_version_that_is_not_installed_is_left_alone()
    {
        using var data = new TestDirectory();
        await (await EmbeddedPostgres.StartAsync(data.Path, Small)).DisposeAsync();
        await File.WriteAllTextAsync(data.File("postgres/PG_VERSION"), "99\n");

        var error = await Assert.ThrowsAsync<PostgresNotFoundException>(() => EmbeddedPostgres.StartAsync(data.Path, Small));
        Assert.StartsWith("PostgreSQL 99 not found", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_does_not_start_says_why_and_starts_once_that_is_mended()
    {
        using var data = new TestDirectory();
        var wrong = Small with { Settings = new Dictionary<string, string> { ["shared_buffers"] = "many" } };
        var error = await Assert.ThrowsAsync<EmbeddedPostgresException>(() => EmbeddedPostgres.StartAsync(data.Path, wrong));
        Assert.Contains("invalid value for parameter \"shared_buffers\": \"many\"", error.Message, StringComparison.Ordinal);

        await using var postgres = await EmbeddedPostgres.StartAsync(data.Path, Small);
        Assert.Equal("16MB", await Database.SettingAsync(postgres.ConnectionString, "shared_buffers"));
    }

    [Fact]
    public async Task A_log_that_has_grown_beyond_its_limit_is_set_aside()
    {
        using var data = new TestDirectory();
        await using var postgres = await EmbeddedPostgres.StartAsync(data.Path, Small with { LogSizeLimit = 10_000 });
        await Database.ExecuteAsync(postgres.ConnectionString, "do $$ begin for i in 1..200 loop raise log 'line %', i; end loop; end $$");

        await Eventually.HoldsAsync("the log is small again", () => Task.FromResult(
            new FileInfo(postgres.LogFile + ".1").Exists && new FileInfo(postgres.LogFile).Length < 10_000));
    }

    [Fact]
    public async Task A_temporary_server_leaves_nothing_behind()
    {
        string cluster, socketDirectory;
        await using (var postgres = await EmbeddedPostgres.StartTemporaryAsync(Small, NullLogger.Instance))
        {
            cluster = postgres.ClusterDirectory;
            socketDirectory = await Database.SettingAsync(postgres.ConnectionString, "unix_socket_directories");
            Assert.True(Directory.Exists(cluster) && Directory.Exists(socketDirectory));
        }

        Assert.False(Directory.Exists(Path.GetDirectoryName(cluster)));
        Assert.False(Directory.Exists(socketDirectory));
    }
}
