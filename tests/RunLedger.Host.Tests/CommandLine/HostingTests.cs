using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using RunLedger.Host.Tests.Polling;

namespace RunLedger.Host.Tests.CommandLine;

[Collection(TestDatabase.Collection)]
public sealed partial class HostingTests(TestDatabase databases)
{
    [Fact]
    public async Task Serve_listens_until_it_is_told_to_end_and_loses_nothing_that_it_took()
    {
        var database = await databases.CreateAsync();
        using var serve = Invocation.Start(database, "serve", "--urls", "http://127.0.0.1:0");
        await Eventually.HoldsAsync("it listens", () => Address().IsMatch(serve.Said));
        using var client = new HttpClient { BaseAddress = new Uri(Address().Match(serve.Said).Value) };
        Assert.True((await client.GetAsync(new Uri("/healthz/ready", UriKind.Relative))).IsSuccessStatusCode);
        using var pushed = await client.PostAsJsonAsync("/v1/observations", JsonElement.Parse(SampleFiles.Run("run_1", "queued").Replace(@"\ud800", "", StringComparison.Ordinal)));
        Assert.True(pushed.IsSuccessStatusCode);

        serve.Signal(Invocation.Terminate);
        (await serve.EndAsync()).Expect(0);
        Assert.Equal(2, (await Invocation.RunAsync(database, "runs")).Lines.Length);
    }

    [Fact]
    public async Task An_address_that_is_taken_is_a_problem_in_one_line()
    {
        var database = await databases.CreateAsync();
        using var taken = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        taken.Start();
        var ended = await Invocation.RunAsync(database, "serve", "--urls", $"http://{taken.LocalEndpoint}");
        Assert.Empty(ended.Expect(1));
        Assert.Single(ended.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public async Task Demo_ends_when_its_runs_are_finished_in_the_ledger_and_reports_their_usage()
    {
        var database = await databases.CreateAsync();
        var ended = await Invocation.RunAsync(null, "demo", "--runs", "5", "--urls", "http://127.0.0.1:0", "--connection", database);
        Assert.Matches("TOTAL +5 ", ended.Expect(0));
        var usage = JsonDocument.Parse((await Invocation.RunAsync(database, "usage", "--json")).Expect(0)).RootElement.GetProperty("totals");
        var finished = new[] { "completed", "failed", "cancelled", "incomplete", "expired" }.Sum(outcome => usage.GetProperty(outcome).GetInt32());
        Assert.Equal((5, 5), (usage.GetProperty("runs").GetInt32(), finished));
    }

    [Fact]
    public async Task Demo_ends_after_the_time_that_it_is_given_and_on_Ctrl_C()
    {
        var database = await databases.CreateAsync();
        (await Invocation.RunAsync(null, "demo", "--for", "1", "--urls", "http://127.0.0.1:0", "--connection", database)).Expect(0);

        using var demo = Invocation.Start(null, "demo", "--urls", "http://127.0.0.1:0", "--connection", database);
        await Eventually.HoldsAsync("runs are created", () => demo.Said.Contains("runs created", StringComparison.Ordinal));
        demo.Signal(Invocation.Interrupt);
        Assert.Contains("TOTAL", (await demo.EndAsync()).Expect(0), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_connection_the_ledger_is_in_an_embedded_server_that_stops_with_the_command()
    {
        using var files = new SampleFiles();
        var data = Path.Combine(Path.GetTempPath(), $"runledger-commands-{Guid.NewGuid():n}");
        try
        {
            (await Invocation.RunAsync(null, "import", "--data", data, files.Write("sample.ndjson", SampleFiles.Lines))).Expect(0);
            Assert.Equal(3, (await Invocation.RunAsync("Host=/nowhere/at/all", "runs", "--data", data)).Lines.Length);
            Assert.False(File.Exists(Path.Combine(data, "postgres", "postmaster.pid")));
        }
        finally
        {
            Directory.Delete(data, recursive: true);
        }
    }

    [GeneratedRegex(@"http://127\.0\.0\.1:\d+")]
    private static partial Regex Address();
}
