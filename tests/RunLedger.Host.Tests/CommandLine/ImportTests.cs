using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using RunLedger.Domain.Observations;
using RunLedger.Host.Tests.Polling;
using RunLedger.Postgres;
using RunLedger.Postgres.Recording;
using RunLedger.Postgres.Usage;

namespace RunLedger.Host.Tests.CommandLine;

[Collection(TestDatabase.Collection)]
public sealed class ImportTests(TestDatabase databases) : IDisposable
{
    private readonly SampleFiles _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public async Task Import_counts_what_became_of_the_items_and_is_safe_to_run_again()
    {
        var database = await databases.CreateAsync();
        var file = _files.Write("sample.ndjson", SampleFiles.Lines);
        var first = await CountsAsync(database, 0, file);
        Assert.Equal((8, 0, 1, 0), (first.Recorded, first.Unchanged, first.Late, first.Quarantined));
        var second = await CountsAsync(database, 0, file);
        Assert.Equal((0, 0, 0), (second.Recorded, second.Late, second.Quarantined));
    }

    [Fact]
    public async Task Import_reads_compressed_files_and_stdin_too()
    {
        var database = await databases.CreateAsync();
        await CountsAsync(database, 0, _files.Write("plain.ndjson", SampleFiles.Lines));
        var compressed = await CountsAsync(database, 0, _files.WriteCompressed("sample.ndjson.gz", SampleFiles.Lines));
        Assert.Equal(SampleFiles.Lines.Count, compressed.Unchanged);

        using var import = Invocation.Start(database, "import", "-");
        await import.Input.WriteAsync(string.Join('\n', SampleFiles.Lines));
        import.Input.Close();
        Assert.Contains($"0 recorded, {SampleFiles.Lines.Count} unchanged", (await import.EndAsync()).Expect(0), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_compressed_file_that_was_cut_off_is_not_taken_for_whole()
    {
        var file = _files.WriteCompressed("cut.ndjson.gz", SampleFiles.Lines);
        await using (var stream = File.OpenWrite(file)) stream.SetLength(stream.Length * 3 / 4);

        var ended = await Invocation.RunAsync(await databases.CreateAsync(), "import", file);
        ended.Expect(1);
        Assert.Contains("cannot be unpacked", ended.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_an_export_of_events_that_was_cut_off_the_whole_runs_are_recorded_and_counted()
    {
        var exported = _files.Path("events.ndjson");
        var (from, to) = (await databases.CreateAsync(), await databases.CreateAsync());
        await CountsAsync(from, 0, _files.Write("runs.ndjson", Enumerable.Range(0, 200).Select(i => SampleFiles.Run($"run_{i:000}", "queued"))));
        (await Invocation.RunAsync(from, "export", "--as", "events", "-o", exported)).Expect(0);
        var file = _files.WriteCompressed("events.ndjson.gz", await File.ReadAllLinesAsync(exported));
        await using (var stream = File.OpenWrite(file)) stream.SetLength(stream.Length / 2);

        var ended = await Invocation.RunAsync(to, "import", file);
        ended.Expect(1);
        var recorded = await RecordedAsync(to);
        Assert.InRange(recorded, 1, 199);
        Assert.Contains($"cannot be unpacked, after {recorded} items", ended.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_cannot_be_recorded_goes_to_quarantine_with_exit_code_1_and_the_good_items_are_recorded()
    {
        var database = await databases.CreateAsync();
        var counts = await CountsAsync(database, 1, _files.Write("mixed.ndjson", SampleFiles.Run("run_1", "queued"), """{"object":"thread.run"}""", "no JSON"));
        Assert.Equal((1, 2), (counts.Recorded, counts.Quarantined));

        var listed = JsonDocument.Parse((await Invocation.RunAsync(database, "quarantine", "--json")).Expect(0)).RootElement;
        Assert.Equal(2, listed.GetProperty("data").GetArrayLength());
        Assert.Contains("line 3", (await Invocation.RunAsync(database, "quarantine", "list")).Expect(0), StringComparison.Ordinal);
        var retried = JsonDocument.Parse((await Invocation.RunAsync(database, "quarantine", "retry", "--json")).Expect(1)).RootElement;
        Assert.Equal((2, 2), (retried.GetProperty("retried").GetInt32(), retried.GetProperty("quarantined").GetInt32()));
    }

    [Fact]
    public async Task Items_in_quarantine_can_be_found_again_by_file_and_line()
    {
        var database = await databases.CreateAsync();
        var (one, two) = (_files.Write("one.ndjson", SampleFiles.Run("run_1", "queued"), "no JSON"), _files.Write("two.ndjson", Enumerable.Repeat("", 4).Append("{\"a\" 1}")));
        var ended = await Invocation.RunAsync(database, "import", "--json", one, two);
        var items = JsonDocument.Parse(ended.Expect(1)).RootElement.GetProperty("quarantined_items").EnumerateArray().ToList();
        Assert.Equal([$"{one}, line 2", $"{two}, line 5"], items.Select(item => item.GetProperty("place").GetString()));
        Assert.Equal("is not valid JSON at byte 6", items[1].GetProperty("reason").GetString());
        Assert.Contains($"runledger: quarantined {two}, line 5: is not valid JSON at byte 6\n", ended.Error, StringComparison.Ordinal);

        var listed = JsonDocument.Parse((await Invocation.RunAsync(database, "quarantine", "--json")).Expect(0)).RootElement;
        Assert.Equal([$"{one}, line 2", $"{two}, line 5"], listed.GetProperty("data").EnumerateArray()
            .Select(item => item.GetProperty("error").GetProperty("pointer").GetString()));
    }

    [Fact]
    public async Task Of_many_items_in_quarantine_the_first_are_named_and_the_others_counted()
    {
        using var import = Invocation.Start(await databases.CreateAsync(), "import", "-");
        for (var i = 1; i <= 25; i++) await import.Input.WriteLineAsync($"no JSON {i}");
        import.Input.Close();
        var ended = await import.EndAsync();
        ended.Expect(1);
        Assert.Contains("quarantined stdin, line 20: ", ended.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("line 21", ended.Error, StringComparison.Ordinal);
        Assert.Contains("and 5 more\n", ended.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_cannot_be_unpacked_at_all_is_named_and_what_was_recorded_before_it_is_counted()
    {
        var damaged = _files.Path("damaged.gz");
        await File.WriteAllBytesAsync(damaged, [0x1F, 0x8B, 0x08]);
        var ended = await Invocation.RunAsync(await databases.CreateAsync(), "import", _files.Write("good.ndjson", SampleFiles.Lines), damaged);
        Assert.Contains("8 recorded", ended.Expect(1), StringComparison.Ordinal);
        Assert.Contains($"{damaged} cannot be unpacked, after {SampleFiles.Lines.Count} items", ended.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_broken_array_is_named_with_file_line_and_byte_and_what_stands_before_it_is_recorded()
    {
        var database = await databases.CreateAsync();
        var file = _files.Write("broken.json", "[" + SampleFiles.Run("run_1", "queued"), SampleFiles.Run("run_2", "queued") + "]");
        var ended = await Invocation.RunAsync(database, "import", file);
        Assert.Contains("1 recorded", ended.Expect(1), StringComparison.Ordinal);
        Assert.Contains($"{file}, line 2, byte ", ended.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_is_not_there_is_named_before_anything_is_recorded()
    {
        var missing = _files.Path("missing.ndjson");
        var ended = await Invocation.RunAsync("Host=/nowhere", "import", _files.Write("there.ndjson", SampleFiles.Lines), missing);
        Assert.Empty(ended.Expect(1));
        Assert.Contains(missing, ended.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ctrl_C_ends_an_import_with_130_and_what_is_committed_stays_and_is_counted()
    {
        var database = await databases.CreateAsync();
        await using var ledger = await Ledger.OpenAsync(database, new RecorderOptions(), TimeProvider.System, NullLoggerFactory.Instance, CancellationToken.None);
        using var import = Invocation.Start(database, "import", "-");
        for (var i = 0; i < 2_000; i++) await import.Input.WriteLineAsync(SampleFiles.Run($"run_{i}", "queued"));
        await import.Input.FlushAsync();
        await Eventually.HoldsAsync("a part is committed", async () =>
            (await ledger.Usage.ReportAsync(TenantId.Default, new UsageQuery(), CancellationToken.None)) is [{ Amounts.Runs: > 0 }]);

        import.Signal(Invocation.Interrupt);
        var ended = await import.EndAsync();
        Assert.Empty(ended.Expect(130));
        var recorded = await RecordedAsync(database);
        Assert.Contains(string.Create(CultureInfo.InvariantCulture, $" {recorded:#,0} recorded,"), ended.Error, StringComparison.Ordinal);
        Assert.Contains("run it again to go on", ended.Error, StringComparison.Ordinal);
    }

    private static async Task<long> RecordedAsync(string database)
    {
        await using var ledger = await Ledger.OpenAsync(database, new RecorderOptions(), TimeProvider.System, NullLoggerFactory.Instance, CancellationToken.None);
        return (await ledger.Usage.ReportAsync(TenantId.Default, new UsageQuery(), CancellationToken.None)).Sum(row => row.Amounts.Runs);
    }

    private static async Task<(int Recorded, int Unchanged, int Late, int Quarantined)> CountsAsync(string database, int exitCode, string file)
    {
        var counts = JsonDocument.Parse((await Invocation.RunAsync(database, "import", file, "--json")).Expect(exitCode)).RootElement;
        int Count(string name) => counts.GetProperty(name).GetInt32();
        return (Count("recorded"), Count("unchanged"), Count("late"), Count("quarantined"));
    }
}
