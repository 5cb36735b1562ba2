using System.Text.Json;

namespace RunLedger.Host.Tests.CommandLine;

[Collection(TestDatabase.Collection)]
public sealed class ReadingTests(ReadingTests.Filled filled, TestDatabase databases) : IClassFixture<ReadingTests.Filled>
{
    [Fact]
    public async Task Runs_lists_runs_in_plain_columns_and_says_when_there_are_more()
    {
        var all = await RunAsync(0, "runs");
        Assert.Equal(["RUN", "run_2", "run_1"], all.Lines.Select(line => line.Split(' ')[0]));
        Assert.DoesNotContain('\e', all.Output);
        var one = await RunAsync(0, "runs", "--limit", "1");
        Assert.Equal(2, one.Lines.Length);
        Assert.Contains("There are more", one.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("run_1,run_2", "--metadata", "team=blue")]
    [InlineData("", "--metadata", "team=red")]
    [InlineData("run_1", "--status", "completed")]
    [InlineData("run_2", "--model", "gpt-4o, large")]
    [InlineData("run_1,run_2", "--since", "2023-11-14", "--until", "2023-11-15T00:00:00Z")]
    [InlineData("", "--since", "24h")]
    [InlineData("run_1,run_2", "--since", "2016-12-31T23:59:60z", "--until", "2023-11-15 00:00:00.123456789+00:00")]
    [InlineData("run_1,run_2", "--since", "2000d", "--until", "2023-11-15T00:00")]
    public async Task Runs_are_filtered(string expected, params string[] filters)
    {
        var page = JsonDocument.Parse((await RunAsync(0, ["runs", "--json", .. filters])).Output).RootElement;
        Assert.Equal(expected, string.Join(',', page.GetProperty("data").EnumerateArray().Select(run => run.GetProperty("run_id").GetString()).Order()));
    }

    [Fact]
    public async Task Show_prints_the_run_as_it_was_observed_to_the_last_digit_and_escape()
    {
        var now = (await RunAsync(0, "show", "run_1")).Output;
        Assert.Contains("\n  \"temperature\": 1.0,\n", now, StringComparison.Ordinal);
        Assert.Contains($"\"instructions\": \"{SampleFiles.Instructions}\"", now, StringComparison.Ordinal);
        Assert.Single((await RunAsync(0, "show", "run_1", "--json")).Lines);

        Assert.Contains("\"status\": \"queued\"", (await RunAsync(0, "show", "run_1", "--at", "2")).Output, StringComparison.Ordinal);
        Assert.Contains("\"{\\\"a\\\":1e400}\"", (await RunAsync(0, "show", "run_1", "--as-of", "2023-11-14T22:13:45Z")).Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("run_3 is not in the ledger", "show", "run_3")]
    [InlineData("run_3 is not in the ledger", "history", "run_3")]
    [InlineData("run_1 has versions 1 to", "show", "run_1", "--at", "99")]
    [InlineData("run_1 was first observed at", "show", "run_1", "--as-of", "2020-01-01")]
    public async Task What_is_not_in_the_ledger_is_a_problem(string problem, params string[] arguments)
    {
        var ended = await RunAsync(1, arguments);
        Assert.Empty(ended.Output);
        Assert.Contains(problem, ended.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task History_tells_what_happened_in_the_order_in_which_it_happened()
    {
        var told = await RunAsync(0, "history", "run_1");
        Assert.Contains(told.Lines, line => line.Contains("tool_calls_required", StringComparison.Ordinal) && line.Contains("look_up", StringComparison.Ordinal));
        var late = Array.FindIndex(told.Lines, line => line.Contains("late_observation_recorded", StringComparison.Ordinal));
        var completed = Array.FindIndex(told.Lines, line => line.Contains("run_completed", StringComparison.Ordinal));
        Assert.InRange(late, 1, completed - 1);

        var events = JsonDocument.Parse((await RunAsync(0, "history", "run_1", "--json")).Output).RootElement.GetProperty("data");
        Assert.Equal(told.Lines.Length - 1, events.GetArrayLength());
        Assert.Equal("run_requested", events[0].GetProperty("type").GetString());
    }

    [Fact]
    public async Task Events_are_printed_in_the_order_in_which_they_were_committed()
    {
        var all = (await RunAsync(0, "events", "--json")).Lines.Select(line => JsonDocument.Parse(line).RootElement).ToList();
        var history = JsonDocument.Parse((await RunAsync(0, "history", "run_1", "--json")).Output).RootElement.GetProperty("data");
        var ofRun = all.Where(next => next.GetProperty("run_id").GetString() == "run_1").ToList();
        Assert.Equal(history.GetArrayLength(), ofRun.Count);
        Assert.Equal(all.Select(next => next.GetProperty("position").GetInt64()).Order(), all.Select(next => next.GetProperty("position").GetInt64()));

        var rest = await RunAsync(0, "events", "--after", $"{all[2].GetProperty("position")}", "--limit", "2");
        Assert.Equal(all.Skip(3).Take(2).Select(next => next.GetProperty("position").ToString()), rest.Lines.Select(line => line.Trim().Split(' ')[0]));
        var failed = await RunAsync(0, "events", "--type", "run_failed,run_completed");
        Assert.All(failed.Lines, line => Assert.Matches("run_(failed|completed)", line));
        Assert.Equal(2, failed.Lines.Length);
    }

    [Fact]
    public async Task Events_as_JSON_are_UTF_8_in_every_locale()
    {
        var database = await databases.CreateAsync();
        using var files = new SampleFiles();
        (await Invocation.RunAsync(database, "import", files.Write("é.ndjson", SampleFiles.Run("run_é", "queued")))).Expect(0);
        using var events = Invocation.StartIn("en_US.ISO-8859-1", database, "events", "--json");
        Assert.Contains("\"run_é\"", (await events.EndAsync()).Expect(0), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Events_are_followed_until_the_command_is_ended()
    {
        using var following = Invocation.Start(filled.Database, "events", "--follow", "--tenant", "followed", "--json");
        using var files = new SampleFiles();
        (await Invocation.RunAsync(filled.Database, "import", files.Write("one.ndjson", SampleFiles.Run("run_9", "queued")), "--tenant", "followed")).Expect(0);

        await Polling.Eventually.HoldsAsync("the event is printed", () => following.Said.Contains("run_9", StringComparison.Ordinal));
        following.Signal(Invocation.Interrupt);

        Assert.Equal(130, (await following.EndAsync()).ExitCode);
    }

    [Fact]
    public async Task Usage_is_summed_as_table_CSV_and_JSON()
    {
        var table = await RunAsync(0, "usage", "--by", "model");
        Assert.Equal(4, table.Lines.Length);
        Assert.StartsWith("TOTAL", table.Lines[^1], StringComparison.Ordinal);

        var csv = (await RunAsync(0, "usage", "--by", "model,metadata.team", "--csv")).Output.Split("\r\n");
        Assert.StartsWith("model,metadata.team,runs,completed,", csv[0], StringComparison.Ordinal);
        Assert.StartsWith("gpt-4o,blue,1,1,", csv[1], StringComparison.Ordinal);
        Assert.StartsWith("\"gpt-4o, large\",blue,1,0,1,", csv[2], StringComparison.Ordinal);

        var quoted = (await RunAsync(0, "usage", "--by", "model,\"metadata.a,b\"", "--csv")).Output;
        Assert.StartsWith("model,\"metadata.a,b\",runs,completed,", quoted, StringComparison.Ordinal);

        var json = JsonDocument.Parse((await RunAsync(0, "usage", "--json")).Output).RootElement;
        Assert.Equal(15, json.GetProperty("totals").GetProperty("total_tokens").GetInt32());
    }

    [Fact]
    public async Task Flags_win_over_the_environment()
    {
        var ended = await Invocation.RunAsync("Host=/nowhere/at/all", "runs", "--connection", filled.Database);
        Assert.Equal(3, ended.Expect(0).Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
    }

    [Fact]
    public async Task Tenants_see_nothing_of_each_other()
    {
        var ended = await RunAsync(0, "runs", "--tenant", "another");
        Assert.Empty(ended.Output);
        Assert.Contains("No such runs", ended.Error, StringComparison.Ordinal);
    }

    private async Task<Ended> RunAsync(int exitCode, params string[] arguments)
    {
        var ended = await Invocation.RunAsync(filled.Database, arguments);
        ended.Expect(exitCode);
        return ended;
    }

    /// <summary>A ledger with the samples in it.</summary>
    public sealed class Filled(TestDatabase databases) : IAsyncLifetime
    {
        public string Database { get; private set; } = "";

        public async Task InitializeAsync()
        {
            Database = await databases.CreateAsync();
            using var files = new SampleFiles();
            (await Invocation.RunAsync(Database, "import", files.Write("sample.ndjson", SampleFiles.Lines))).Expect(0);
        }

        public Task DisposeAsync() => Task.CompletedTask;
    }
}
