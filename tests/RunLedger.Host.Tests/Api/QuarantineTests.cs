using System.Net;
using System.Text.Json;
using RunLedger.Domain.Capture;
using RunLedger.Domain.Observations;
using RunLedger.Domain.Quarantine;
using RunLedger.Host.Capture;
using RunLedger.Postgres.Recording;

namespace RunLedger.Host.Tests.Api;

[Collection(TestDatabase.Collection)]
public sealed class QuarantineTests(TestDatabase database) : IAsyncLifetime
{
    private RunningApi _api = null!;

    public async Task InitializeAsync() => _api = await RunningApi.StartAsync(database);

    public async Task DisposeAsync() => await _api.DisposeAsync();

    [Fact]
    public async Task What_could_not_be_recorded_is_listed_oldest_first_page_by_page()
    {
        await _api.Client.PushAsync("{\"bad\":1}", "{\"bad\":2}", "{\"bad\":3}");

        var first = await _api.Client.GetJsonAsync("/v1/quarantine?limit=2");
        var second = await _api.Client.GetJsonAsync($"/v1/quarantine?limit=2&cursor={first.GetProperty("next_cursor").GetString()}");

        Assert.Equal(["{\"bad\":1}", "{\"bad\":2}"], first.Ids("beginning"));
        Assert.Equal(["{\"bad\":3}"], second.Ids("beginning"));
        Assert.Equal(JsonValueKind.Null, second.GetProperty("next_cursor").ValueKind);
        var item = first.GetProperty("data")[0];
        Assert.Equal("push", item.GetProperty("source").GetString());
        Assert.Equal(9, item.GetProperty("bytes").GetInt32());
        Assert.Equal("line 1", item.GetProperty("error").GetProperty("pointer").GetString());
    }

    [Fact]
    public async Task A_retry_records_what_can_be_read_now_and_keeps_the_rest()
    {
        var waiting = new QuarantinedItem(
            TenantId.Default, System.Text.Encoding.UTF8.GetBytes(Samples.Run("run_retried")), "push", "item 1",
            new Defect("status", "was refused by an earlier version"), new DateTimeOffset(2026, 6, 1, 0, 0, 0, TimeSpan.Zero));
        await _api.Ledger.Recorder.RecordAsync([new Submission.Rejected(waiting)], CancellationToken.None);
        await _api.Client.PushAsync("{\"still\":\"bad\"}", """{"basis":"\u0000","snapshot":{}}""");

        using var answer = await _api.Client.PostAsync("/v1/quarantine/retry", null);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Samples.AssertSame("""{"retried":3,"recorded":1,"unchanged":0,"late":0,"quarantined":2,"skipped":0}""", await answer.JsonAsync());
        Samples.AssertSame(Samples.Run("run_retried"), await _api.Client.GetJsonAsync("/v1/threads/thread_1/runs/run_retried"));
        var left = await _api.Client.GetJsonAsync("/v1/quarantine");
        Assert.Equal(2, left.GetProperty("data").GetArrayLength());
        Assert.All(left.GetProperty("data").EnumerateArray(), item => Assert.NotEqual(JsonValueKind.Null, item.GetProperty("retried_at").ValueKind));
    }

    [Theory]
    [InlineData("push")]
    [InlineData("poll")]
    public async Task What_came_before_the_run_was_seen_again_is_late_when_it_is_retried(string source)
    {
        var waiting = new QuarantinedItem(
            TenantId.Default, System.Text.Encoding.UTF8.GetBytes(Run("a")), source, "item 1",
            new Defect("status", "was refused by an earlier version"), new DateTimeOffset(2026, 6, 1, 0, 0, 0, TimeSpan.Zero));
        await _api.Ledger.Recorder.RecordAsync([new Submission.Rejected(waiting)], CancellationToken.None);
        await _api.Client.PushAsync($$"""{"observed_at":"2026-06-02T00:00:00Z","source":"poll","snapshot":{{Run("b")}} }""");

        await AssertLateAsync();
    }

    [Fact]
    public async Task What_only_the_database_refused_is_retried_with_the_time_at_which_it_was_seen()
    {
        await ExecuteAsync(
            "alter table runledger.mt_events add constraint refuses_a check (not data @> '{\"set\":{\"metadata\":{\"team\":\"a\"}}}') not valid");
        var refused = await _api.Client.PushAsync($$"""{"observed_at":"2026-06-01T00:00:00Z","source":"poll","snapshot":{{Run("a")}} }""");
        await ExecuteAsync("alter table runledger.mt_events drop constraint refuses_a");
        Assert.Equal("quarantined", refused[0].GetProperty("outcome").GetString());
        await _api.Client.PushAsync($$"""{"observed_at":"2026-06-02T00:00:00Z","source":"poll","snapshot":{{Run("b")}} }""");

        await AssertLateAsync();
    }

    private static string Run(string team) => Samples.Run("run_again", "in_progress", metadata: ("team", team));

    private async Task ExecuteAsync(string sql)
    {
        await using var command = _api.Ledger.DataSource.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    private async Task AssertLateAsync()
    {
        using var answer = await _api.Client.PostAsync("/v1/quarantine/retry", null);

        Samples.AssertSame("""{"retried":1,"recorded":0,"unchanged":0,"late":1,"quarantined":0,"skipped":0}""", await answer.JsonAsync());
        Samples.AssertSame(Run("b"), await _api.Client.GetJsonAsync("/v1/threads/thread_1/runs/run_again"));
    }

    [Fact]
    public async Task Items_that_are_too_large_are_kept_apart_and_a_retry_says_again_that_they_are()
    {
        var lines = string.Join('\n', Enumerable.Range(0, 3).Select(_ => Samples.Run("run_large")));
        var intake = new ObservationIntake(_api.Ledger, TimeProvider.System);
        for (var round = 0; round < 2; round++)
        {
            using var input = new MemoryStream(System.Text.Encoding.UTF8.GetBytes(lines));
            await foreach (var chunk in intake.ImportAsync(
                TenantId.Default, input, new CaptureOptions("import"), new ImportLimits { LargestItem = 100 }, CancellationToken.None))
                Assert.All(chunk.Receipts, receipt => Assert.Equal("is larger than 100 bytes", receipt.Receipt!.Error!.Reason));
        }
        (await _api.Client.PostAsync("/v1/quarantine/retry", null)).EnsureSuccessStatusCode();

        var waiting = (await _api.Client.GetJsonAsync("/v1/quarantine")).GetProperty("data").EnumerateArray().ToList();
        Assert.Equal(
            ["line 1: is larger than 100 bytes", "line 2: is larger than 100 bytes", "line 3: is larger than 100 bytes"],
            waiting.Select(item => item.GetProperty("error").GetProperty("detail").GetString()));
        Assert.All(waiting.Index(), item => Assert.Contains($"\"line\":{item.Index + 1},", item.Item.GetProperty("beginning").GetString(), StringComparison.Ordinal));
        Assert.All(waiting, item => Assert.NotEqual(JsonValueKind.Null, item.GetProperty("retried_at").ValueKind));
    }

    [Fact]
    public async Task A_retry_walks_through_all_pages_of_a_large_quarantine()
    {
        await _api.Client.PushAsync([.. Enumerable.Range(0, 250).Select(i => $"{{\"bad\":{i}}}")]);

        using var answer = await _api.Client.PostAsync("/v1/quarantine/retry", null);

        Assert.Equal(250, (await answer.JsonAsync()).GetProperty("quarantined").GetInt32());
    }

    [Theory]
    [InlineData("limit=101", "limit")]
    [InlineData("cursor=x", "cursor")]
    [InlineData("cursor=99999999999999999999", "cursor")]
    [InlineData("after=1", "after")]
    public async Task A_bad_parameter_is_named(string query, string parameter)
    {
        var problem = await _api.Client.ProblemAsync(400, $"/v1/quarantine?{query}");

        Assert.Equal(parameter, problem.GetProperty("parameter").GetString());
    }
}
