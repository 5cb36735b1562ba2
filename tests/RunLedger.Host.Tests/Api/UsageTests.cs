using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Npgsql;
using RunLedger.Domain.Observations;
using RunLedger.Domain.Runs;
using RunLedger.Domain.Usage;
using RunLedger.Postgres;

namespace RunLedger.Host.Tests.Api;

[Collection(TestDatabase.Collection)]
public sealed class UsageTests(UsageTests.Recorded recorded) : IClassFixture<UsageTests.Recorded>
{
    private const long Day = 86_400, Start = 1_767_225_600; // 2026-01-01

    /// <summary>An API over a ledger with a few runs, for all tests of the class.</summary>
    public sealed class Recorded(TestDatabase database) : IAsyncLifetime
    {
        private RunningApi _api = null!;

        public HttpClient Client => _api.Client;

        public Ledger Ledger => _api.Ledger;

        public async Task InitializeAsync()
        {
            _api = await RunningApi.StartAsync(database);
            await _api.Client.PushAsync(
                Samples.Run("run_1", at: Start, model: "gpt-4o", metadata: ("team", "red")),
                Samples.Run("run_2", at: Start + 3_600, model: "gpt-4o", metadata: ("team", "blue, \"best\"")),
                Samples.Run("run_3", "failed", at: Start + Day, model: "o3", thread: "thread_2", assistant: "asst_2", metadata: ("a,b", "yes")),
                Samples.Run("run_4", "queued", at: Start + Day, model: "o3"),
                Samples.Response("resp_1", at: Start + Day));
        }

        public async Task DisposeAsync() => await _api.DisposeAsync();
    }

    [Fact]
    public async Task Without_groups_the_report_is_one_row_and_its_totals()
    {
        var report = await recorded.Client.GetJsonAsync("/v1/usage");

        const string Row =
            """
            {"runs":5,"completed":3,"failed":1,"cancelled":0,"incomplete":0,"expired":0,
             "prompt_tokens":330,"completion_tokens":72,"total_tokens":402,"cached_tokens":10,"reasoning_tokens":4,
             "cost_usd":null,"unpriced_tokens":402,"unpriced_models":["gpt-4.1","gpt-4o","o3"]}
            """;
        Samples.AssertSame($$"""{"object":"list","data":[{{Row}}],"totals":{{Row}}}""", report);
    }

    [Theory]
    [InlineData("1.50")]
    [InlineData("1E+2")]
    [InlineData("1.50e1")]
    [InlineData("-0")]
    [InlineData("-0.0")]
    [InlineData("0e-5")]
    [InlineData("0.0e5")]
    [InlineData("-12.5e-4")]
    [InlineData("100e-2")]
    [InlineData("1e30")]
    [InlineData("1e-30")]
    [InlineData("-9.99e400")]
    [InlineData("12345678901234567890.1234567890123400")]
    public async Task A_number_in_metadata_counts_by_the_text_that_the_database_gives_it(string number)
    {
        var snapshot = Snapshot.Read(Encoding.UTF8.GetBytes(
            $$$"""{"id":"run_1","object":"thread.run","created_at":1,"thread_id":"t","status":"queued","metadata":{"team":{{{number}}}}}""")).Value!;
        var decision = RunDecider.Decide(null, new Observation(snapshot, DateTimeOffset.UnixEpoch, TimeBasis.Stated, "push"));
        var view = RunView.Of(RunState.Fold(snapshot.Id, decision.Events));

        await using var command = recorded.Ledger.DataSource.CreateCommand("select $1::jsonb ->> 'team'");
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = view.Metadata!.Value.ToString() });
        Assert.Equal(await command.ExecuteScalarAsync(), ConfiguredDimension.Parse("metadata.team")!.ValueIn(view));
    }

    [Theory]
    [InlineData("model", "model", "gpt-4o:240|o3:120|gpt-4.1:42")]
    [InlineData("assistant", "assistant_id", "asst_1:240|asst_2:120|:42")]
    [InlineData("thread", "thread_id", "thread_1:240|thread_2:120|:42")]
    [InlineData("kind", "kind", "thread.run:360|response:42")]
    [InlineData("day", "day", "2026-01-01:240|2026-01-02:162")]
    [InlineData("hour", "hour", "2026-01-01T00:00:00Z:120|2026-01-01T01:00:00Z:120|2026-01-02T00:00:00Z:162")]
    public async Task Usage_is_grouped_by_a_dimension(string groupBy, string column, string expected)
    {
        var report = await recorded.Client.GetJsonAsync($"/v1/usage?group_by={groupBy}");

        var rows = report.GetProperty("data").EnumerateArray().Select(row => $"{row.GetProperty(column).GetString()}:{row.GetProperty("total_tokens")}");
        Assert.Equal(expected.Split('|').Order(StringComparer.Ordinal), rows.Order(StringComparer.Ordinal));
        Assert.Equal(402, report.GetProperty("totals").GetProperty("total_tokens").GetInt64());
    }

    [Fact]
    public async Task Usage_is_grouped_by_metadata_together_with_others()
    {
        var report = await recorded.Client.GetJsonAsync("/v1/usage?group_by=metadata.team,model&model=gpt-4o");

        var rows = report.GetProperty("data").EnumerateArray().ToList();
        Assert.Equal(["blue, \"best\"", "red"], rows.Select(row => row.GetProperty("metadata").GetProperty("team").GetString()).Order());
        Assert.All(rows, row => Assert.Equal("gpt-4o", row.GetProperty("model").GetString()));
    }

    [Theory]
    [InlineData("\"metadata.a,b\",model")]
    [InlineData("model, \"metadata.a,b\"")]
    [InlineData("\"model\"&group_by=\"metadata.a,b\"")]
    public async Task A_key_of_metadata_with_a_comma_is_named_in_quotes(string groupBy)
    {
        var report = await recorded.Client.GetJsonAsync($"/v1/usage?model=o3&group_by={groupBy}");

        Assert.Equal(["", "yes"], report.GetProperty("data").EnumerateArray().Select(row => row.GetProperty("metadata").GetProperty("a,b").GetString()).Order());
        Assert.All(report.GetProperty("data").EnumerateArray(), row => Assert.Equal("o3", row.GetProperty("model").GetString()));
    }

    [Theory]
    [InlineData("metadata.say\"a\"", "say\"a\"")]
    [InlineData("\"metadata.\"\"a,b\"\"\", model,,metadata.c", "\"a,b\"|c")]
    [InlineData("\"metadata.a,b", "a,b")]
    public async Task Names_to_group_by_are_told_apart_by_commas_outside_of_quotes(string groupBy, string keys)
    {
        var report = await recorded.Client.GetJsonAsync($"/v1/usage?group_by={Uri.EscapeDataString(groupBy)}");

        Assert.Equal(keys.Split('|'), report.GetProperty("data")[0].GetProperty("metadata").EnumerateObject().Select(pair => pair.Name));
    }

    [Theory]
    [InlineData("since=2026-01-02", 162)]
    [InlineData("until=2026-01-02", 240)]
    [InlineData("since=2026-01-01T00:30:00Z&until=2026-01-01T12:00:00Z", 120)]
    [InlineData("since=1767312000", 162)]
    [InlineData("model=o3", 120)]
    [InlineData("assistant_id=asst_2", 120)]
    [InlineData("thread_id=thread_2", 120)]
    [InlineData("kind=response", 42)]
    [InlineData("metadata.team=red", 120)]
    [InlineData("model=nobody", 0)]
    public async Task Filters_narrow_the_report(string query, long total)
    {
        var report = await recorded.Client.GetJsonAsync($"/v1/usage?{query}");

        Assert.Equal(total, report.GetProperty("totals").GetProperty("total_tokens").GetInt64());
    }

    [Fact]
    public async Task The_report_comes_as_csv_by_accept()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/usage?group_by=metadata.team,day&model=gpt-4o");
        request.Headers.Accept.Add(MediaTypeWithQualityHeaderValue.Parse("text/csv"));
        request.Headers.Accept.Add(MediaTypeWithQualityHeaderValue.Parse("*/*;q=0.1"));

        using var answer = await recorded.Client.SendAsync(request);

        Assert.Equal("text/csv", answer.Content.Headers.ContentType?.MediaType);
        Assert.Equal(
            "metadata.team,day,runs,completed,failed,cancelled,incomplete,expired,"
            + "prompt_tokens,completion_tokens,total_tokens,cached_tokens,reasoning_tokens,cost_usd,unpriced_tokens\r\n"
            + "\"blue, \"\"best\"\"\",2026-01-01,1,1,0,0,0,0,100,20,120,0,0,,120\r\n"
            + "red,2026-01-01,1,1,0,0,0,0,100,20,120,0,0,,120\r\n",
            await answer.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData("group_by=colour", "group_by")]
    [InlineData("group_by=metadata.", "group_by")]
    [InlineData("group_by=metadata.%00", "group_by")]
    [InlineData("group_by=model,model", "group_by")]
    [InlineData("group_by=day,hour", "group_by")]
    [InlineData("since=last+week", "since")]
    [InlineData("kind=", "kind")]
    [InlineData("limit=5", "limit")]
    public async Task A_bad_parameter_is_named(string query, string parameter)
    {
        var problem = await recorded.Client.ProblemAsync(400, $"/v1/usage?{query}");

        Assert.Equal(parameter, problem.GetProperty("parameter").GetString());
    }

    [Fact]
    public async Task A_ledger_without_runs_in_the_period_reports_nothing()
    {
        var report = await recorded.Client.GetJsonAsync("/v1/usage?group_by=model&since=2040-01-01");

        Assert.Equal(0, report.GetProperty("data").GetArrayLength());
        Assert.Equal(JsonValueKind.Number, report.GetProperty("totals").GetProperty("runs").ValueKind);
    }
}
