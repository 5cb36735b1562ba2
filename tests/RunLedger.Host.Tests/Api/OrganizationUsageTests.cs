using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using RunLedger.Postgres;

namespace RunLedger.Host.Tests.Api;

[Collection(TestDatabase.Collection)]
public sealed class OrganizationUsageTests(OrganizationUsageTests.Recorded recorded) : IClassFixture<OrganizationUsageTests.Recorded>
{
    private const string Path = "/v1/organization/usage/completions";
    private const long Minute = 60, Hour = 3_600, Day = 86_400;
    private const long Start = 1_767_225_600, Now = Start + 20 * Day + 12 * Hour + 99; // 2026-01-01, 2026-01-21T12:01:39

    /// <summary>An API whose clock stands, over a ledger with runs that took all sorts of times, for all tests of the class.</summary>
    public sealed class Recorded(TestDatabase database) : IAsyncLifetime
    {
        private RunningApi _api = null!;

        public HttpClient Client => _api.Client;

        public Ledger Ledger => _api.Ledger;

        public RunningClock Clock { get; } = new();

        public async Task InitializeAsync()
        {
            _api = await RunningApi.StartAsync(database, build: (builder, _) => builder.Services.AddSingleton<TimeProvider>(Clock));
            await _api.Client.PushAsync([.. TwoDays(new Random(7)), .. Odd()]);
            await _api.Client.PushAsync(
                Samples.Run("run_1", at: Start + 10 * Day + 40),
                Samples.Run("run_2", "failed", at: Start + 10 * Day + 41, model: "o3"),
                Samples.Run("run_3", "queued", at: Start + 10 * Day + 42, model: "o4"),
                Samples.Response("resp_1", at: Start + 10 * Day + 50),
                Samples.Run("run_4", at: Start + 10 * Day + 3 * Minute, change: run => run.Remove("model")));
        }

        public async Task DisposeAsync() => await _api.DisposeAsync();

        // Most of them short, many over a change of hours.
        private static IEnumerable<string> TwoDays(Random random)
        {
            for (var i = 0; i < 200; i++)
            {
                var ended = Start + random.NextInt64(2 * Day);
                var took = random.Next(10) < 8 ? random.NextInt64(9 * Minute) : random.NextInt64(90 * Day);
                var tokens = Samples.Usage(random.Next(1_000), random.Next(1_000));
                tokens["prompt_token_details"] = new JsonObject { ["cached_tokens"] = random.Next(1_000) }; // More than the prompt has, too.
                yield return Samples.Run($"run_random_{i}", at: ended - took, model: $"model_{i % 3}", assistant: $"asst_{i % 5}", change: run =>
                {
                    run["completed_at"] = ended;
                    run["usage"] = tokens;
                });
            }
        }

        private static string[] Odd() =>
        [
            Samples.Run("run_of_one_second", at: Start + 30 * Minute, change: run => run["completed_at"] = Start + 30 * Minute),
            Samples.Run("run_ended_before_it_began", at: Start + 40 * Hour, change: run => run["completed_at"] = Start + 7 * Hour + 90),
            Samples.Run("run_in_progress", "in_progress", at: Start + 7 * Hour + 91),
            Samples.Run("run_cancelled", "cancelled", at: Start + 7 * Hour + 92),
            Samples.Run("run_expired", "expired", at: Start + 7 * Hour + 93, change: run => run["expires_at"] = Start + 8 * Hour),
            Samples.Run("run_incomplete", "incomplete", at: Start + 7 * Hour - 3, change: run => run["usage"] = null),
        ];
    }

    /// <summary>A clock that goes when it is told to.</summary>
    public sealed class RunningClock : TimeProvider
    {
        public DateTimeOffset Time { get; set; } = DateTimeOffset.FromUnixTimeSeconds(Now);

        public override DateTimeOffset GetUtcNow() => Time;
    }

    [Fact]
    public async Task The_page_is_the_one_of_the_organization_usage_API()
    {
        var page = await ReadAsync($"start_time={Start + 10 * Day}&end_time={Start + 11 * Day}&bucket_width=1m&limit=4");

        static long At(int minute) => Start + 10 * Day + minute * Minute;
        static string Bucket(int minute, string results) =>
            $$"""{"object":"bucket","start_time":{{At(minute)}},"end_time":{{At(minute + 1)}},"results":[{{results}}]}""";
        static string Result(int input, int output, int cached, int requests) =>
            $$"""
            {"object":"organization.usage.completions.result","input_tokens":{{input}},"output_tokens":{{output}},"input_cached_tokens":{{cached}},
             "input_audio_tokens":0,"output_audio_tokens":0,"num_model_requests":{{requests}},
             "project_id":null,"user_id":null,"api_key_id":null,"model":null,"batch":null,"service_tier":null,"api_source":null}
            """;
        Samples.AssertSame(
            $$"""
            {"object":"page","has_more":true,"next_page":"{{page.GetProperty("next_page").GetString()}}",
             "data":[{{Bucket(0, Result(230, 52, 10, 3))}},{{Bucket(1, "")}},{{Bucket(2, "")}},{{Bucket(3, Result(100, 20, 0, 1))}}]}
            """,
            page);
    }

    [Theory]
    [InlineData("1m", 0, 1_440 * Minute)]
    [InlineData("1m", 7 * Hour + 95, 8 * Hour + 1)]
    [InlineData("1h", 0, 2 * Day)]
    [InlineData("1h", 30 * Minute + 17, 41 * Hour + 29)]
    [InlineData("1h", 30 * Minute + 17, 31 * Minute + 17)]
    [InlineData("1d", 0, 30 * Day)]
    [InlineData("1d", 17 * Hour + 31 * Minute, 2 * Day - 4 * Hour + 1)]
    [InlineData("1d", 7 * Hour + 95, 7 * Hour + 96)]
    public async Task Every_bucket_says_what_the_usage_report_says_between_its_times(string width, long since, long until)
    {
        var page = await ReadAsync($"start_time={Start + since}&end_time={Start + until}&bucket_width={width}&group_by=model&limit={MostOf(width)}");
        Assert.False(page.GetProperty("has_more").GetBoolean());

        foreach (var bucket in Buckets(page).Where(bucket => width != "1m" || bucket.GetProperty("results").GetArrayLength() > 0))
        {
            var times = $"since={bucket.GetProperty("start_time")}&until={bucket.GetProperty("end_time")}";
            var report = await recorded.Client.GetJsonAsync($"/v1/usage?group_by=model&{times}");
            Assert.Equal(
                report.GetProperty("data").EnumerateArray().Select(FiguresOfReport).Where(figures => figures.Sum > 0),
                FiguresIn(bucket));
        }

        var totals = (await recorded.Client.GetJsonAsync($"/v1/usage?since={(Start + since) / Minute * Minute}&until={Start + until}")).GetProperty("totals");
        Assert.Equal(FiguresOfReport(totals) with { Model = "" }, Sum(page));
    }

    [Fact]
    public async Task Without_a_group_the_models_are_summed()
    {
        var (grouped, summed) = (await ReadAsync($"start_time={Start}&limit=31&group_by=model"), await ReadAsync($"start_time={Start}&limit=31"));

        Assert.Equal(Sum(grouped), Sum(summed));
        Assert.All(Buckets(summed), bucket => Assert.InRange(bucket.GetProperty("results").GetArrayLength(), 0, 1));
        Assert.Equal(["model_0", "model_1", "model_2"], ModelsOf(Buckets(grouped)[1]));
    }

    [Theory]
    [InlineData("group_by=model&group_by=project_id")]
    [InlineData("group_by[]=model&group_by[]=user_id")]
    [InlineData("group_by=project_id,user_id,api_key_id,model,batch")]
    [InlineData("group_by=service_tier,%20model&group_by[]=api_source,model")]
    public async Task Groups_are_taken_in_each_way_in_which_clients_write_lists(string groups)
    {
        var page = await ReadAsync($"start_time={Start + 10 * Day}&{groups}");

        Assert.Equal(["", "gpt-4.1", "gpt-4o", "o3"], ModelsOf(Buckets(page)[0]));
    }

    [Theory]
    [InlineData("group_by=project_id")]
    [InlineData("group_by[]=user_id&group_by[]=api_key_id")]
    [InlineData("group_by=batch,service_tier,api_source")]
    public async Task What_the_ledger_does_not_know_is_null_where_it_is_grouped_by(string groups)
    {
        var (grouped, plain) = (await ReadAsync($"start_time={Start}&{groups}"), await ReadAsync($"start_time={Start}"));

        Samples.AssertSame(plain.GetProperty("data").GetRawText(), grouped.GetProperty("data"));
    }

    [Theory]
    [InlineData("1d", "models=o3", 1, 100)]
    [InlineData("1d", "models=o3&models=gpt-4.1", 2, 130)]
    [InlineData("1m", "models[]=o3&models[]=gpt-4.1", 2, 130)]
    [InlineData("1m", "models=o3,gpt-4.1,nobody", 2, 130)]
    [InlineData("1m", "models=nobody", 0, 0)]
    [InlineData("1d", "models=nobody%F0%9F%9A%80", 0, 0)]
    public async Task Models_narrow_the_report(string width, string models, long requests, long input)
    {
        var sum = Sum(await ReadAsync($"start_time={Start + 10 * Day}&end_time={Start + 11 * Day}&bucket_width={width}&{models}"));

        Assert.Equal((requests, input), (sum.Requests, sum.Input));
    }

    [Theory]
    [InlineData("1m", 24 * Hour, 61)]
    [InlineData("1h", 2 * Day - 17, 7)]
    [InlineData("1d", 20 * Day + 1, 3)]
    [InlineData("1d", 2 * Day, 1)]
    public async Task Pages_lead_to_the_end_and_say_together_what_one_says(string width, long length, int limit)
    {
        var query = $"start_time={Start + 5 * Minute + 3}&end_time={Start + 5 * Minute + length}&bucket_width={width}&group_by=model";

        var data = await FollowAsync($"{query}&limit={limit}");

        Samples.AssertSame((await ReadAsync($"{query}&limit={MostOf(width)}")).GetProperty("data").GetRawText(), JsonSerializer.SerializeToElement(data));
    }

    [Theory]
    [InlineData("1m", 60)]
    [InlineData("1h", 24)]
    [InlineData("1d", 7)]
    public async Task A_page_has_as_many_buckets_as_that_API_gives(string width, int standard)
    {
        Assert.Equal(standard, Buckets(await ReadAsync($"start_time=0&bucket_width={width}")).Count);
        Assert.Equal(MostOf(width), Buckets(await ReadAsync($"start_time=0&bucket_width={width}&limit={MostOf(width)}")).Count);
        Assert.Equal("limit", await BlamedAsync($"start_time=0&bucket_width={width}&limit={MostOf(width) + 1}"));
        if (width == "1d") Assert.Equal(standard, Buckets(await ReadAsync("start_time=0")).Count);
    }

    [Theory]
    [InlineData("1m", Minute)]
    [InlineData("1h", Hour)]
    [InlineData("1d", Day)]
    public async Task Buckets_are_aligned_but_begin_with_the_minute_of_the_start_and_end_with_the_end(string width, long length)
    {
        var buckets = Buckets(await ReadAsync($"start_time={Start + 61 * Minute + 3}&end_time={Start + 3 * Day + 5}&bucket_width={width}&limit={MostOf(width)}"));

        var first = Start + 61 * Minute;
        Assert.Equal(first, buckets[0].GetProperty("start_time").GetInt64());
        Assert.Equal(first / length * length + length, buckets[0].GetProperty("end_time").GetInt64());
        foreach (var (before, after) in buckets.Zip(buckets.Skip(1)))
        {
            Assert.Equal(before.GetProperty("end_time").GetInt64(), after.GetProperty("start_time").GetInt64());
            Assert.Equal(0, after.GetProperty("start_time").GetInt64() % length);
        }
        if (width != "1m") Assert.Equal(Start + 3 * Day + 5, buckets[^1].GetProperty("end_time").GetInt64());
    }

    [Fact]
    public async Task A_report_without_an_end_goes_up_to_now_on_all_of_its_pages()
    {
        var query = $"start_time={Start}&bucket_width=1d&limit=20";
        var first = await ReadAsync(query);
        recorded.Clock.Time += TimeSpan.FromDays(3);

        var last = await ReadAsync($"{query}&page={first.GetProperty("next_page").GetString()}");

        recorded.Clock.Time -= TimeSpan.FromDays(3);
        Assert.False(last.GetProperty("has_more").GetBoolean());
        Assert.Equal(JsonValueKind.Null, last.GetProperty("next_page").ValueKind);
        var bucket = Assert.Single(Buckets(last));
        Assert.Equal((Start + 20 * Day, Now + 1), (bucket.GetProperty("start_time").GetInt64(), bucket.GetProperty("end_time").GetInt64()));
    }

    [Fact]
    public async Task What_is_dated_a_little_later_than_now_is_in_the_bucket_of_now()
    {
        recorded.Clock.Time = DateTimeOffset.FromUnixTimeSeconds(Start + 10 * Day + 41);
        var pages = new[] { "1m", "1h", "1d" }.Select(width => ReadAsync($"start_time={Start + 10 * Day}&bucket_width={width}")).ToList();
        await Task.WhenAll(pages);
        recorded.Clock.Time = DateTimeOffset.FromUnixTimeSeconds(Now);

        Assert.Equal([3, 4, 4], pages.Select(page => Sum(page.Result).Requests));
        Assert.All(pages, page => Assert.Equal(Start + 10 * Day + 42, Assert.Single(Buckets(page.Result)).GetProperty("end_time").GetInt64()));
    }

    [Fact]
    public async Task A_switch_of_the_views_does_not_show()
    {
        var before = await ReadAsync($"start_time={Start}&end_time={Start + Day}&bucket_width=1h");
        await using var change = recorded.Ledger.DataSource.CreateCommand("update runledger.view_epoch set epoch = epoch + 1");
        await change.ExecuteNonQueryAsync();

        Samples.AssertSame(before.GetRawText(), await ReadAsync($"start_time={Start}&end_time={Start + Day}&bucket_width=1h"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("&bucket_width=1m&group_by=model")]
    public async Task A_report_that_begins_in_the_future_is_empty(string others) =>
        Samples.AssertSame("""{"object":"page","data":[],"has_more":false,"next_page":null}""", await ReadAsync($"start_time={Now + Day}{others}"));

    [Theory]
    [InlineData("start_time=253402300799")]
    [InlineData("start_time=253402214400&end_time=253402300799")]
    [InlineData("start_time=253402214400&end_time=253402300799&bucket_width=1m&limit=1440")]
    [InlineData("start_time=1767225600&page=MWQgMjUzNDAyMjE0NDAwIDI1MzQwMjMwMDc5OQ")] // 1d 253402214400 253402300799
    public async Task The_end_of_time_is_as_any_other(string query) => await ReadAsync(query);

    [Theory]
    [InlineData("", "start_time")]
    [InlineData("start_time=", "start_time")]
    [InlineData("start_time=-1", "start_time")]
    [InlineData("start_time=1.5", "start_time")]
    [InlineData("start_time=2026-01-01", "start_time")]
    [InlineData("start_time=253402300800", "start_time")]
    [InlineData("start_time=1&start_time=2", "start_time")]
    [InlineData("start_time=100&end_time=100", "end_time")]
    [InlineData("start_time=100&end_time=now", "end_time")]
    [InlineData("start_time=0&bucket_width=1w", "bucket_width")]
    [InlineData("start_time=0&bucket_width=", "bucket_width")]
    [InlineData("start_time=0&group_by=colour", "group_by")]
    [InlineData("start_time=0&group_by[]=model,", "group_by")]
    [InlineData("start_time=0&group_by=", "group_by")]
    [InlineData("start_time=0&models=", "models")]
    [InlineData("start_time=0&models[]=%00", "models")]
    [InlineData("start_time=0&limit=0", "limit")]
    [InlineData("start_time=0&limit=ten", "limit")]
    [InlineData("start_time=0&project_ids=proj_1", "project_ids")]
    [InlineData("start_time=0&user_ids[]=user_1", "user_ids")]
    [InlineData("start_time=0&api_key_ids=key_1", "api_key_ids")]
    [InlineData("start_time=0&batch=false", "batch")]
    [InlineData("start_time=0&until=5", "until")]
    [InlineData("start_time=0&page=", "page")]
    [InlineData("start_time=0&page=!!!", "page")]
    [InlineData("start_time=0&page=AAAA", "page")]
    [InlineData("start_time=0&page=MWQgMSAyIDM", "page")] // 1d 1 2 3
    [InlineData("start_time=0&page=MXcgODY0MDAgMTcyODAw", "page")] // 1w 86400 172800
    [InlineData("start_time=0&page=MWQgODY0MDEgMTcyODAw", "page")] // 1d 86401 172800, in the middle of a day
    [InlineData("start_time=86400&page=MWQgODY0MDAgMTcyODAw", "page")] // 1d 86400 172800, the first bucket
    [InlineData("start_time=0&page=MWQgMTcyODAwIDE3MjgwMA", "page")] // 1d 172800 172800, the end
    [InlineData("start_time=0&bucket_width=1h&page=MWQgODY0MDAgMTcyODAw", "page")]
    [InlineData("start_time=0&end_time=172801&page=MWQgODY0MDAgMTcyODAw", "page")]
    [InlineData("start_time=0&page=MWQgODY0MDAgMjUzNDAyMzAwODAw", "page")] // 1d 86400 253402300800
    public async Task A_bad_parameter_is_named(string query, string parameter) => Assert.Equal(parameter, await BlamedAsync(query));

    [Fact]
    public async Task A_page_of_another_length_of_buckets_is_no_page_of_this_one()
    {
        var page = (await ReadAsync("start_time=0&bucket_width=1d")).GetProperty("next_page").GetString();

        Assert.Equal("page", await BlamedAsync($"start_time=0&bucket_width=1h&page={page}"));
        Assert.Equal("page", await BlamedAsync($"start_time=0&end_time={Start}&page={page}"));
        await ReadAsync($"start_time=0&page={page}");
    }

    private Task<JsonElement> ReadAsync(string query) => recorded.Client.GetJsonAsync($"{Path}?{query}");

    private async Task<string?> BlamedAsync(string query) =>
        (await recorded.Client.ProblemAsync(400, $"{Path}?{query}")).GetProperty("parameter").GetString();

    private async Task<List<JsonElement>> FollowAsync(string query)
    {
        var data = new List<JsonElement>();
        for (string? page = ""; page is not null;)
        {
            var read = await ReadAsync(page == "" ? query : $"{query}&page={page}");
            data.AddRange(Buckets(read));
            page = read.GetProperty("next_page").GetString();
            Assert.Equal(page is not null, read.GetProperty("has_more").GetBoolean());
        }
        return data;
    }

    private static int MostOf(string width) => width switch { "1m" => 1_440, "1h" => 168, _ => 31 };

    private static List<JsonElement> Buckets(JsonElement page) => [.. page.GetProperty("data").EnumerateArray()];

    private static IEnumerable<string> ModelsOf(JsonElement bucket) => FiguresIn(bucket).Select(figures => figures.Model).Order(StringComparer.Ordinal);

    private static UsageFigures Sum(JsonElement page) =>
        Buckets(page).SelectMany(FiguresIn).Aggregate(new UsageFigures("", 0, 0, 0, 0), (sum, one) => new UsageFigures(
            "", sum.Requests + one.Requests, sum.Input + one.Input, sum.Output + one.Output, sum.Cached + one.Cached));

    private static IEnumerable<UsageFigures> FiguresIn(JsonElement bucket) => bucket.GetProperty("results").EnumerateArray().Select(Figures);

    private static UsageFigures Figures(JsonElement result) => new(
        result.GetProperty("model").GetString() ?? "", result.GetProperty("num_model_requests").GetInt64(), result.GetProperty("input_tokens").GetInt64(),
        result.GetProperty("output_tokens").GetInt64(), result.GetProperty("input_cached_tokens").GetInt64());

    private static UsageFigures FiguresOfReport(JsonElement row)
    {
        long Of(string name) => row.GetProperty(name).GetInt64();
        var ended = Of("completed") + Of("failed") + Of("cancelled") + Of("incomplete") + Of("expired");
        var model = row.TryGetProperty("model", out var named) ? named.GetString()! : "";
        return new UsageFigures(model, ended, Of("prompt_tokens"), Of("completion_tokens"), Of("cached_tokens"));
    }

    private sealed record UsageFigures(string Model, long Requests, long Input, long Output, long Cached)
    {
        public long Sum => Requests + Input + Output;
    }
}
