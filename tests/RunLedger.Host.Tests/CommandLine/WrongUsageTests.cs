using System.Diagnostics;

namespace RunLedger.Host.Tests.CommandLine;

public sealed class WrongUsageTests
{
    [Theory]
    [InlineData("")]
    [InlineData("nonsense")]
    [InlineData("runs --since yesterday-ish")]
    [InlineData("runs --since 20000000d")]
    [InlineData("usage --until 2000000000w")]
    [InlineData("prices set m --from 99999999d")]
    [InlineData("runs --limit 0")]
    [InlineData("usage --by colour")]
    [InlineData("usage --json --csv")]
    [InlineData("show")]
    [InlineData("show run_1 --at 1 --as-of 2026-01-01")]
    [InlineData("export --as pictures")]
    [InlineData("runs --connection nonsense")]
    [InlineData("runs --connection Host=/nowhere --data somewhere")]
    [InlineData("serve --data somewhere --connection Host=/nowhere")]
    [InlineData("serve --urls http://0.0.0.0:1 --connection Host=/nowhere")]
    public async Task Wrong_usage_ends_with_2_and_says_on_stderr_what_is_wrong(string arguments)
    {
        var ended = await Invocation.RunAsync(null, arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.Empty(ended.Expect(2));
        Assert.StartsWith("runledger: ", ended.Error, StringComparison.Ordinal);
        Assert.Single(ended.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Theory]
    [InlineData("nonsense", "'nonsense'", "See: runledger --help")]
    [InlineData("projections rebuild", "'NAME'", "See: runledger projections rebuild --help")]
    [InlineData("show run_1 --at x", "--at takes a number", "See: runledger show --help")]
    [InlineData("export --as pictures", "'snapshots'", "See: runledger export --help")]
    [InlineData("runs --connection Host=/nowhere --data somewhere", "--connection or --data, not both")]
    public async Task What_is_wrong_is_named_with_the_help_that_tells_more(string arguments, params string[] said)
    {
        var ended = await Invocation.RunAsync(null, arguments.Split(' '));
        ended.Expect(2);
        Assert.All(said, part => Assert.Contains(part, ended.Error, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("show --help")]
    [InlineData("usage --help")]
    public async Task Help_needs_no_ledger_and_ends_with_0(string arguments)
    {
        var ended = await Invocation.RunAsync(null, arguments.Split(' '));
        Assert.Contains("runledger", ended.Expect(0), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_that_cannot_be_reached_is_a_problem_in_one_line()
    {
        var ended = await Invocation.RunAsync("Host=/nowhere/at/all;Username=nobody", "runs");
        Assert.Empty(ended.Expect(1));
        Assert.Single(ended.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        var verbose = await Invocation.RunAsync("Host=/nowhere/at/all;Username=nobody", "runs", "--verbose");
        Assert.Contains("   at ", verbose.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_settings_file_that_cannot_be_read_is_named_with_line_and_byte()
    {
        using var files = new SampleFiles();
        files.Write("appsettings.json", "{", "  \"Tenant\" \"acme\"", "}");
        var ended = await Invocation.RunInAsync(files.Directory, "runs");
        ended.Expect(2);
        Assert.Contains("appsettings.json", ended.Error, StringComparison.Ordinal);
        Assert.Contains("line 2, byte 12", ended.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Data_that_is_no_directory_is_named_as_what_it_is()
    {
        using var files = new SampleFiles();
        var ended = await Invocation.RunAsync(null, "runs", "--data", files.Write("file", "text"));
        ended.Expect(1);
        Assert.Contains("is a file, and the data needs a directory", ended.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Data_that_may_not_be_written_is_said_to_be_so()
    {
        var data = Directory.CreateDirectory(Path.Combine(Path.GetTempPath(), $"runledger-locked-{Guid.NewGuid():n}"));
        try
        {
            data.CreateSubdirectory("postgres.lock");
            var ended = await Invocation.RunAsync(null, "runs", "--data", data.FullName);
            ended.Expect(1);
            Assert.Contains($"may not write in {data.FullName}", ended.Error, StringComparison.Ordinal);
        }
        finally
        {
            data.Delete(recursive: true);
        }
    }

    [Theory]
    [InlineData("runs --nope", 2)]
    [InlineData("runs --connection Host=/nowhere/at/all", 1)]
    public async Task Where_stderr_is_closed_a_command_ends_with_its_own_exit_code(string arguments, int exitCode)
    {
        var program = Path.Combine(AppContext.BaseDirectory, "RunLedger.Host.dll");
        using var shell = Process.Start("sh", ["-c", $"exec dotnet \"$0\" {arguments} 2>&-", program]);
        await shell.WaitForExitAsync();
        Assert.Equal(exitCode, shell.ExitCode);
    }
}
