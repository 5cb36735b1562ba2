using System.Text.RegularExpressions;

namespace RunLedger.Host.Tests.CommandLine;

[Collection(TestDatabase.Collection)]
public sealed partial class ExportTests(TestDatabase databases) : IDisposable
{
    private readonly SampleFiles _files = new();

    public void Dispose() => _files.Dispose();

    [Theory]
    [InlineData("snapshots")]
    [InlineData("events")]
    public async Task An_export_is_taken_back_to_an_equal_ledger(string kind)
    {
        var original = await databases.CreateAsync();
        (await Invocation.RunAsync(original, "import", _files.Write("sample.ndjson", SampleFiles.Lines))).Expect(0);
        var file = _files.Path("export.ndjson");
        Assert.Empty((await Invocation.RunAsync(original, "export", "--as", kind, "-o", file)).Expect(0));

        var copy = await databases.CreateAsync();
        (await Invocation.RunAsync(copy, "import", file)).Expect(0);
        Assert.Equal(await EventsAsync(original), await EventsAsync(copy));
        Assert.Contains("0 recorded", (await Invocation.RunAsync(copy, "import", file)).Expect(0), StringComparison.Ordinal);
        foreach (var run in new[] { "run_1", "run_2" })
            Assert.Equal((await Invocation.RunAsync(original, "show", run, "--json")).Expect(0), (await Invocation.RunAsync(copy, "show", run, "--json")).Expect(0));
    }

    [Fact]
    public async Task Events_without_those_before_them_go_to_quarantine_and_take_no_other_run_with_them()
    {
        var original = await databases.CreateAsync();
        (await Invocation.RunAsync(original, "import", _files.Write("sample.ndjson", SampleFiles.Lines))).Expect(0);
        var lines = (await Invocation.RunAsync(original, "export", "--as", "events")).Lines;

        var copy = await databases.CreateAsync();
        var gap = lines.ToList();
        gap.RemoveAt(gap.FindIndex(line => line.Contains("\"version\":3,", StringComparison.Ordinal)));
        var ended = await Invocation.RunAsync(copy, "import", _files.Write("gap.ndjson", gap));
        Assert.Contains("the events before it are not there", ended.Expect(1), StringComparison.Ordinal);
        Assert.Equal(Ids(lines, "run_2"), Ids(await EventsAsync(copy), "run_2"));
    }

    [Fact]
    public async Task Events_are_told_from_other_items_wherever_they_stand_in_a_file()
    {
        var original = await databases.CreateAsync();
        (await Invocation.RunAsync(original, "import", _files.Write("sample.ndjson", SampleFiles.Lines))).Expect(0);
        var lines = (await Invocation.RunAsync(original, "export", "--as", "events")).Lines;
        var others = new[] { SampleFiles.Run("run_a", "queued"), SampleFiles.Run("run_b", "queued") };

        var (copy, array) = (await databases.CreateAsync(), await databases.CreateAsync());
        (await Invocation.RunAsync(copy, "import", _files.Write("mixed.ndjson", [others[0], .. lines, others[1]]))).Expect(0);
        (await Invocation.RunAsync(array, "import", _files.Write("mixed.json", "[" + string.Join(",\n", [others[0], .. lines]) + "]"))).Expect(0);
        foreach (var run in new[] { "run_1", "run_2" })
        {
            Assert.Equal(Ids(lines, run), Ids(await EventsAsync(copy), run));
            Assert.Equal(Ids(lines, run), Ids(await EventsAsync(array), run));
        }
        Assert.NotEmpty(Ids(await EventsAsync(copy), "run_a").Concat(Ids(await EventsAsync(copy), "run_b")));
    }

    [Fact]
    public async Task An_export_that_fails_leaves_the_file_that_was_there()
    {
        var file = _files.Write("kept.ndjson", "kept");
        (await Invocation.RunAsync("Host=/nowhere/at/all", "export", "-o", file)).Expect(1);
        Assert.Equal("kept\n", await File.ReadAllTextAsync(file));
        Assert.Single(Directory.GetFiles(Path.GetDirectoryName(file)!));
    }

    [Fact]
    public async Task A_device_is_written_and_not_replaced()
    {
        (await Invocation.RunAsync(await databases.CreateAsync(), "export", "-o", "/dev/null")).Expect(0);
        Assert.Empty(await File.ReadAllTextAsync("/dev/null"));
        using var device = Process("test", "-c", "/dev/null");
        await device.WaitForExitAsync();
        Assert.Equal(0, device.ExitCode);
    }

    // Where and when an event was appended is the ledger's own.
    private static async Task<IEnumerable<string>> EventsAsync(string database) =>
        (await Invocation.RunAsync(database, "export", "--as", "events")).Lines.Select(line => Appended().Replace(line, ""));

    private static IEnumerable<string> Ids(IEnumerable<string> lines, string run) =>
        lines.Where(line => line.Contains($"\"run_id\":\"{run}\"", StringComparison.Ordinal)).Select(line => Appended().Replace(line, ""));

    private static System.Diagnostics.Process Process(string program, params string[] arguments) => System.Diagnostics.Process.Start(program, arguments);

    [GeneratedRegex("\"position\":[0-9]+,|\"recorded_at\":\"[^\"]+\",")]
    private static partial Regex Appended();
}
