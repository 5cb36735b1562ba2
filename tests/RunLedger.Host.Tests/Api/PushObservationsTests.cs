using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using RunLedger.Domain.Observations;

namespace RunLedger.Host.Tests.Api;

[Collection(TestDatabase.Collection)]
public sealed class PushObservationsTests(TestApi api) : IClassFixture<TestApi>
{
    [Fact]
    public async Task A_single_snapshot_gets_one_receipt_with_its_events()
    {
        var receipt = Assert.Single((await api.Client.PushAsync(Samples.Run("run_single"))).EnumerateArray());

        Assert.Equal("run_single", receipt.GetProperty("run_id").GetString());
        Assert.Equal("recorded", receipt.GetProperty("outcome").GetString());
        Assert.Equal(["run_queued", "run_started", "run_completed"], receipt.GetProperty("events").EnumerateArray().Select(type => type.GetString()));
        Assert.Equal(3, receipt.GetProperty("version").GetInt64());
        Assert.False(receipt.TryGetProperty("error", out _));
    }

    [Fact]
    public async Task The_same_snapshot_sent_again_is_unchanged()
    {
        await api.Client.PushAsync(Samples.Run("run_again"));

        var receipt = Assert.Single((await api.Client.PushAsync(Samples.Run("run_again"))).EnumerateArray());

        Assert.Equal("unchanged", receipt.GetProperty("outcome").GetString());
        Assert.Equal(3, receipt.GetProperty("version").GetInt64());
        Assert.Empty(receipt.GetProperty("events").EnumerateArray());
    }

    [Fact]
    public async Task An_older_snapshot_in_an_envelope_is_late()
    {
        await api.Client.PushAsync(Samples.Envelope(Samples.Run("run_late", "in_progress"), Samples.Epoch + 10));

        var receipt = Assert.Single((await api.Client.PushAsync(Samples.Envelope(Samples.Run("run_late", "queued"), Samples.Epoch + 1))).EnumerateArray());

        Assert.Equal("late", receipt.GetProperty("outcome").GetString());
    }

    [Theory]
    [InlineData("application/json", "[{0},{1}]")]
    [InlineData("application/json; charset=utf-8", "[\n  {0},\n  {1}\n]")]
    [InlineData("application/json", "{{\"object\":\"list\",\"data\":[{0},{1}],\"has_more\":false}}")]
    [InlineData("application/x-ndjson", "{0}\n{1}\n")]
    [InlineData("application/x-ndjson", "{0}\r\n\r\n{1}")]
    public async Task Arrays_lists_and_ndjson_get_a_receipt_for_each_item_in_order(string mediaType, string form)
    {
        var (first, second) = ($"run_{Guid.NewGuid():n}", $"run_{Guid.NewGuid():n}");
        var body = form.Replace("{{", "{").Replace("}}", "}")
            .Replace("{0}", Samples.Run(first)).Replace("{1}", Samples.Envelope(Samples.Run(second), Samples.Epoch));
        using var content = new StringContent(body);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(mediaType);

        using var answer = await api.Client.PostAsync("/v1/observations", content);

        var receipts = (await answer.JsonAsync()).GetProperty("receipts").EnumerateArray();
        Assert.Equal([first, second], receipts.Select(receipt => receipt.GetProperty("run_id").GetString()));
    }

    [Fact]
    public async Task An_empty_array_gets_no_receipts()
    {
        using var answer = await api.Client.PostAsync("/v1/observations", Requests.Json(" [ ] "));

        Assert.Equal("""{"receipts":[]}""", await answer.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_bad_item_is_quarantined_next_to_good_ones_and_its_error_names_item_and_field()
    {
        var bad = Samples.Run("run_bad", change: run => run["usage"]!["total_tokens"] = -4);

        var answer = await api.Client.PushAsync(Samples.Run("run_good_1"), bad, "{\"object\":\"thread.run\"", Samples.Run("run_good_2"));

        var receipts = answer.EnumerateArray().ToList();

        Assert.Equal(["recorded", "quarantined", "quarantined", "recorded"], receipts.Select(receipt => receipt.GetProperty("outcome").GetString()));
        var error = receipts[1].GetProperty("error");
        Assert.Equal("usage.total_tokens", error.GetProperty("field").GetString());
        Assert.Equal("line 2", error.GetProperty("pointer").GetString());
        Assert.StartsWith("line 2: usage.total_tokens: is -4", error.GetProperty("detail").GetString());
        Assert.Equal("line 3", receipts[2].GetProperty("error").GetProperty("pointer").GetString());
    }

    [Fact]
    public async Task A_bad_item_of_a_run_gets_a_receipt_that_names_the_run()
    {
        var answer = await api.Client.PushAsync(
            Samples.Run("run_x", change: run => run["status"] = 5), Samples.Envelope(Samples.Run("run_y", change: run => run["id"] = ""), Samples.Epoch), "[1]");

        Assert.Equal(["run_x", null, null], answer.EnumerateArray().Select(receipt => receipt.GetProperty("run_id").GetString()));
        Assert.Equal(["line 1", "line 2", "line 3, [0]"], answer.EnumerateArray().Select(receipt => receipt.GetProperty("error").GetProperty("pointer").GetString()));
    }

    [Fact]
    public async Task A_body_that_is_no_json_is_refused_with_line_and_byte()
    {
        using var content = Requests.Json("{\n  \"id\": \"run_1\",\n  \"object\" \"thread.run\"\n}");

        var problem = await (await api.Client.PostAsync("/v1/observations", content)).ProblemAsync(400);

        Assert.Equal(3, problem.GetProperty("line").GetInt64());
        Assert.Equal(30, problem.GetProperty("offset").GetInt64());
        Assert.Contains("line 3", problem.GetProperty("detail").GetString());
    }

    [Fact]
    public async Task A_broken_array_is_refused_and_nothing_of_it_is_recorded()
    {
        using var content = Requests.Json($"[{Samples.Run("run_before_break")},\n{Samples.Run("run_cut_off")[..100]}");

        var problem = await (await api.Client.PostAsync("/v1/observations", content)).ProblemAsync(400);

        Assert.Equal(2, problem.GetProperty("line").GetInt64());
        Assert.Null(await api.Ledger.Runs.FindAsync(TenantId.Default, new RunId("run_before_break"), CancellationToken.None));
    }

    [Theory]
    [InlineData("")]
    [InlineData(" \n ")]
    [InlineData("<html>no</html>")]
    [InlineData("\0")]
    [InlineData("]")]
    [InlineData("{")]
    [InlineData("[1,")]
    public async Task A_body_that_cannot_be_read_at_all_is_a_bad_request(string body)
    {
        using var content = Requests.Json(body);

        await (await api.Client.PostAsync("/v1/observations", content)).ProblemAsync(400);
    }

    [Theory]
    [InlineData("42")]
    [InlineData("\"text\"")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("[[[]]]")]
    [InlineData("""{"basis":"\u0000","snapshot":{}}""")]
    [InlineData("""{"basis":"\ud800","snapshot":{}}""")]
    [InlineData("""{"id":"run_\u0000","object":"thread.run","thread_id":"t","status":"queued","created_at":1}""")]
    [InlineData("""{"id":"run_\ud800","object":"thread.run","thread_id":"t","status":"queued","created_at":1}""")]
    [InlineData("""{"id":"run_1","object":"\ud800\u0000","thread_id":"t","status":"queued","created_at":1}""")]
    [InlineData("""{"id":"run_1","object":"thread.run","thread_id":"t","status":"queued","created_at":1e999}""")]
    public async Task Json_that_is_no_snapshot_is_quarantined(string body)
    {
        using var answer = await api.Client.PostAsync("/v1/observations", Requests.Json(body));

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var receipt = Assert.Single((await answer.JsonAsync()).GetProperty("receipts").EnumerateArray());
        Assert.Equal("quarantined", receipt.GetProperty("outcome").GetString());
        Assert.NotEqual("", receipt.GetProperty("error").GetProperty("detail").GetString());
    }

    [Fact]
    public async Task A_snapshot_nested_deeper_than_is_read_is_quarantined()
    {
        var deep = Samples.Run("run_deep")[..^1] + ",\"deep\":" + new string('[', 2_000) + new string(']', 2_000) + "}";

        var receipt = Assert.Single((await api.Client.PushAsync(deep)).EnumerateArray());

        Assert.Equal("quarantined", receipt.GetProperty("outcome").GetString());
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    [InlineData("deflate")]
    public async Task A_compressed_body_is_read(string encoding)
    {
        using var content = new ByteArrayContent(Compressed(encoding, Samples.Run($"run_{encoding}")));
        content.Headers.ContentEncoding.Add(encoding);

        using var answer = await api.Client.PostAsync("/v1/observations", content);

        Assert.Equal("recorded", (await answer.JsonAsync()).GetProperty("receipts")[0].GetProperty("outcome").GetString());
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    [InlineData("deflate")]
    public async Task A_body_that_is_not_compressed_as_it_says_is_a_bad_request(string encoding)
    {
        using var content = Requests.Json(Samples.Run("run_not_compressed"));
        content.Headers.ContentEncoding.Add(encoding);

        await (await api.Client.PostAsync("/v1/observations", content)).ProblemAsync(400);
    }

    [Theory]
    [InlineData("gzip", 8)]
    [InlineData("gzip", 200)]
    [InlineData("br", 200)]
    [InlineData("deflate", 200)]
    public async Task A_compressed_body_that_was_cut_off_is_not_taken_for_whole(string encoding, int lost)
    {
        var lines = string.Join('\n', Enumerable.Range(0, 40).Select(run => Samples.Run($"run_cut_{encoding}_{lost}_{run}_{Guid.NewGuid()}")));
        using var content = new ByteArrayContent(Compressed(encoding, lines)[..^lost]);
        content.Headers.ContentEncoding.Add(encoding);

        var problem = await (await api.Client.PostAsync("/v1/observations", content)).ProblemAsync(400);
        Assert.Contains("truncated", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("text/plain", null)]
    [InlineData("application/x-www-form-urlencoded", null)]
    [InlineData("application/json; charset=utf-16", null)]
    [InlineData("application/json", "zstd")]
    public async Task Other_media_types_and_encodings_are_not_taken(string mediaType, string? encoding)
    {
        using var content = new StringContent(Samples.Run("run_other"));
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(mediaType);
        if (encoding is not null) content.Headers.ContentEncoding.Add(encoding);

        await (await api.Client.PostAsync("/v1/observations", content)).ProblemAsync(415);
    }

    [Fact]
    public async Task A_large_body_is_recorded_whole()
    {
        var runs = Enumerable.Range(0, 3_000).Select(i => Samples.Run($"run_large_{i}")).ToArray();

        var receipts = await api.Client.PushAsync(runs);

        Assert.Equal(3_000, receipts.GetArrayLength());
        Assert.All(receipts.EnumerateArray().Index(), item => Assert.Equal($"run_large_{item.Index}", item.Item.GetProperty("run_id").GetString()));
    }

    [Fact]
    public async Task The_correlation_id_of_the_request_stands_in_the_history()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/observations") { Content = Requests.Json(Samples.Run("run_correlated")) };
        request.Headers.Add("X-Correlation-Id", "job-7");
        (await api.Client.SendAsync(request)).EnsureSuccessStatusCode();

        var history = await api.Client.GetJsonAsync("/v1/runs/run_correlated/events");

        Assert.All(history.GetProperty("data").EnumerateArray(), happened => Assert.Equal("job-7", happened.GetProperty("correlation_id").GetString()));
    }

    private static byte[] Compressed(string encoding, string text)
    {
        var output = new MemoryStream();
        using (Stream stream = encoding switch
        {
            "gzip" => new GZipStream(output, CompressionLevel.Fastest),
            "br" => new BrotliStream(output, CompressionLevel.Fastest),
            _ => new ZLibStream(output, CompressionLevel.Fastest),
        }) stream.Write(Encoding.UTF8.GetBytes(text));
        return output.ToArray();
    }
}

[Collection(TestDatabase.Collection)]
public sealed class BodyLimitTests(TestDatabase database)
{
    [Theory]
    [InlineData(false, null)]
    [InlineData(true, null)]
    [InlineData(true, "gzip")]
    public async Task A_body_beyond_the_limit_is_too_large_however_it_is_sent(bool chunked, string? encoding)
    {
        await using var api = await RunningApi.StartAsync(database, new() { ["Api:LargestBody"] = "100000" });
        var bytes = Encoding.UTF8.GetBytes(new string(' ', 200_000) + Samples.Run("run_1"));
        using HttpContent content = new ByteArrayContent(encoding is null ? bytes : Gzip(bytes));
        if (encoding is not null) content.Headers.ContentEncoding.Add(encoding);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/observations") { Content = content };
        request.Headers.TransferEncodingChunked = chunked;
        if (!chunked) request.Headers.ExpectContinue = true;

        await (await api.Client.SendAsync(request)).ProblemAsync(413);
    }

    [Theory]
    [InlineData("[{0},{1},{2}]")]
    [InlineData("{0}\n{1}\n{2}\n")]
    [InlineData("[{\"object\":\"list\",\"data\":[{0},{1}]},{2}]")]
    [InlineData("{\"object\":\"list\",\"data\":[{0},{1},{2},null,null,null]}")]
    [InlineData("[{0},{1},1,1,")]
    public async Task A_body_with_more_items_than_the_limit_is_too_large_and_nothing_of_it_is_recorded(string form)
    {
        await using var api = await RunningApi.StartAsync(database, new() { ["Api:MostItems"] = "2" });
        using var content = Requests.Json(form.Replace("{0}", Samples.Run("run_1")).Replace("{1}", Samples.Run("run_2")).Replace("{2}", Samples.Run("run_3")));

        var problem = await (await api.Client.PostAsync("/v1/observations", content)).ProblemAsync(413);

        Assert.Contains("more than 2 items", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Contains("several requests, or as a file with the command `import`", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Null(await api.Ledger.Runs.FindAsync(TenantId.Default, new RunId("run_1"), CancellationToken.None));
        Assert.Equal(2, (await api.Client.PushAsync(Samples.Run("run_1"), Samples.Run("run_2"))).GetArrayLength());
    }

    private static byte[] Gzip(byte[] bytes)
    {
        var output = new MemoryStream();
        using (var stream = new GZipStream(output, CompressionLevel.Fastest)) stream.Write(bytes);
        return output.ToArray();
    }
}
