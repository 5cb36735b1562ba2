using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Net.Http.Headers;
using RunLedger.Domain.Observations;
using RunLedger.Host.Tests.Polling;
using RunLedger.Postgres;
using RunLedger.Postgres.Recording;

namespace RunLedger.Host.Tests.Api;

[Collection(TestDatabase.Collection)]
public sealed class FeedTests(TestDatabase database) : IAsyncLifetime
{
    private RunningApi _api = null!;

    public async Task InitializeAsync() =>
        _api = await RunningApi.StartAsync(database, new() { ["Api:Heartbeat"] = "00:00:00.2" });

    public async Task DisposeAsync() => await _api.DisposeAsync();

    [Fact]
    public async Task It_drains_to_the_head_and_says_where_that_is()
    {
        await _api.Client.PushAsync(Samples.Run("run_1", "queued"), Samples.Run("run_2"));
        using var feed = new FeedReader(_api.Client, "&follow=false");

        await feed.ToEndAsync();

        Assert.Equal(["run_queued", "run_queued", "run_started", "run_completed"], feed.Types);
        Assert.Equal(["run_1", "run_2", "run_2", "run_2"], feed.Events.Select(next => next.GetProperty("run_id").GetString()));
        Assert.Equal([1, 1, 2, 3], feed.Events.Select(next => next.GetProperty("version").GetInt32()));
        Assert.True(feed.Positions[^1].GetProperty("at_head").GetBoolean());
        Assert.Equal(feed.Events[^1].GetProperty("position").GetInt64(), feed.Position);

        feed.Disconnect();
        await feed.ToEndAsync();
        Assert.Equal(4, feed.Events.Count);
    }

    [Fact]
    public async Task An_event_has_the_shape_that_it_has_in_its_runs_history()
    {
        await _api.Client.PushAsync(Samples.Run("run_1", change: run => run["instructions"] = new string('i', 3_000)));
        foreach (var resolve in (string[])["false", "true"])
        {
            using var feed = new FeedReader(_api.Client, $"&follow=false&resolve={resolve}");
            await feed.ToEndAsync();
            var history = (await _api.Client.GetJsonAsync($"/v1/runs/run_1/events?resolve={resolve}")).GetProperty("data").EnumerateArray();
            Assert.Equal(history.Select(next => next.GetRawText()), feed.Events.Select(next => next.GetRawText()));
        }
    }

    [Fact]
    public async Task A_follower_gets_events_as_they_are_committed_and_heartbeats_while_there_are_none()
    {
        using var feed = new FeedReader(_api.Client);
        await feed.UntilAsync(() => feed.Positions.Count > 0);
        Assert.True(feed.Positions[0].GetProperty("at_head").GetBoolean());

        for (var i = 1; i <= 3; i++)
        {
            await _api.Client.PushAsync(Samples.Run($"run_{i}", "queued"));
            await feed.UntilAsync(() => feed.Events.Count == i);
        }
        var said = feed.Positions.Count;
        await feed.UntilAsync(() => feed.Positions.Count == said + 2);
        Assert.Equal(3, feed.Events.Count);
    }

    [Fact]
    public async Task A_follower_gets_what_another_host_appends()
    {
        await using var other = await OtherHostAsync(new());
        using var feed = new FeedReader(_api.Client);
        await feed.UntilAsync(() => feed.Positions.Count > 0);

        await RecordAsync(other, Samples.Run("run_1", "queued"));

        await feed.UntilAsync(() => feed.Events.Count == 1);
    }

    [Fact]
    public async Task Only_the_types_asked_for_come_and_the_position_moves_on_past_the_others()
    {
        using var follower = new FeedReader(_api.Client, "&type=run_completed,run_failed");
        await follower.UntilAsync(() => follower.Positions.Count > 0);
        await _api.Client.PushAsync(Samples.Run("run_1"), Samples.Run("run_2", "failed"), Samples.Run("run_3", "queued"));
        using var drained = new FeedReader(_api.Client, "&follow=false&type=run_completed&type=run_failed");

        await drained.ToEndAsync();
        var last = drained.Events[^1].GetProperty("position").GetInt64();
        await follower.UntilAsync(() => follower.Events.Count == 2 && follower.Position > last);

        Assert.Equal(["run_completed", "run_failed"], drained.Types);
        Assert.Equal(["run_completed", "run_failed"], follower.Types);
    }

    [Fact]
    public async Task A_limit_ends_it_where_the_next_reading_goes_on()
    {
        await _api.Client.PushAsync(Samples.Run("run_1"), Samples.Run("run_2"));
        using var feed = new FeedReader(_api.Client, "&limit=4");

        await feed.ToEndAsync();
        Assert.Equal(4, feed.Events.Count);
        Assert.False(feed.Positions[^1].GetProperty("at_head").GetBoolean());
        feed.Disconnect();
        await feed.UntilAsync(() => feed.Events.Count == 6);

        Assert.Equal(feed.Events.Count, feed.Events.DistinctBy(next => next.GetProperty("position").GetInt64()).Count());
    }

    [Fact]
    public async Task From_the_head_only_what_is_committed_from_then_on_comes()
    {
        await _api.Client.PushAsync(Samples.Run("run_1"));
        using var before = new FeedReader(_api.Client);
        await before.UntilAsync(() => before.Positions.Count > 0);
        await Eventually.HoldsAsync("what was committed before is settled", async () =>
        {
            await before.ReadAsync();
            return before.Positions[^1].GetProperty("position").GetInt64() >= before.Events[^1].GetProperty("position").GetInt64();
        });
        using var answer = await _api.Client.GetAsync("/v1/events?after=head&limit=1", HttpCompletionOption.ResponseHeadersRead);

        await _api.Client.PushAsync(Samples.Run("run_2", "queued"));

        Assert.Contains("run_2", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_position_that_the_ledger_never_gave_is_refused_and_one_that_is_not_committed_yet_is_not()
    {
        await _api.Client.PushAsync(Samples.Run("run_1"));
        await using var connection = await _api.Ledger.DataSource.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using var take = new Npgsql.NpgsqlCommand("select nextval('runledger.mt_events_sequence')", connection);
        var taken = (long)(await take.ExecuteScalarAsync())!;

        var problem = await _api.Client.ProblemAsync(409, $"/v1/events?after={taken + 1}&follow=false");
        Assert.Equal("after", problem.GetProperty("parameter").GetString());
        var lines = (await _api.Client.GetStringAsync($"/v1/events?after={taken}&follow=false")).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.All(lines, line => Assert.Equal($$"""{"object":"position","position":{{taken}},"at_head":true}""", line));

        using var resumed = new HttpRequestMessage(HttpMethod.Get, "/v1/events?follow=false");
        resumed.Headers.Add("Last-Event-ID", $"{taken + 1}");
        problem = await (await _api.Client.SendAsync(resumed)).ProblemAsync(409);
        Assert.Equal("Last-Event-ID", problem.GetProperty("parameter").GetString());
    }

    [Fact]
    public async Task As_server_sent_events_it_resumes_after_the_last_id()
    {
        await _api.Client.PushAsync(Samples.Run("run_1"));
        var all = await ServerSentAsync(null);
        var first = all.First(block => block.StartsWith("id:", StringComparison.Ordinal));
        Assert.StartsWith("retry: ", all[0], StringComparison.Ordinal);
        Assert.Matches("^id: [0-9]+\ndata: {\"object\":\"event\",.*}$", first);
        Assert.Matches("^id: [0-9]+\nevent: position\ndata: {\"object\":\"position\",\"position\":[0-9]+,\"at_head\":true}$", all[^1]);

        var rest = await ServerSentAsync(first.Split('\n')[0]["id: ".Length..]);
        Assert.Equal(all.Where(block => block.Contains("\"event\"", StringComparison.Ordinal)).Skip(1), rest.Where(block => block.Contains("\"event\"", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("after", "after=-1")]
    [InlineData("after", "after=tail")]
    [InlineData("type", "type=run_teleported")]
    [InlineData("follow", "follow=perhaps")]
    [InlineData("limit", "limit=0")]
    [InlineData("tenant", "tenant=other")]
    public async Task A_bad_parameter_is_named(string parameter, string query) =>
        Assert.Equal(parameter, (await _api.Client.ProblemAsync(400, $"/v1/events?{query}")).GetProperty("parameter").GetString());

    [Fact]
    public async Task A_follower_of_a_tenant_sees_nothing_of_another()
    {
        await using var keyed = await RunningApi.StartAsync(database, KeysOf("acme", "globex"));
        using var acme = keyed.ClientWith("acme-key");
        using var globex = keyed.ClientWith("globex-key");
        using var feed = new FeedReader(acme);
        await feed.UntilAsync(() => feed.Positions.Count > 0);

        await globex.PushAsync(Samples.Run("run_1", "queued"));
        await acme.PushAsync(Samples.Run("run_1", "in_progress"));
        await feed.UntilAsync(() => feed.Events.Count == 2);

        Assert.Equal(["run_queued", "run_started"], feed.Types);
        await Requests.ProblemAsync(await keyed.Client.GetAsync("/v1/events"), 401);
    }

    [Fact]
    public async Task Consumers_that_are_cut_off_at_random_get_every_event_exactly_once_in_order_while_eight_writers_append()
    {
        var random = new Random(11);
        await using var other = await OtherHostAsync(new() { LargestBatch = 7, Lanes = 3 });
        var writers = Task.WhenAll(Enumerable.Range(0, 8).Select(writer => Task.Run(() => WriteAsync(writer % 2 == 0 ? _api.Ledger : other, writer))));
        var consumers = Enumerable.Range(0, 4).Select(_ => new FeedReader(_api.Client)).ToList();

        await Task.WhenAll(consumers.Select(consumer => ConsumeAsync(consumer, random.Next(), writers)));
        await writers;

        using var all = new FeedReader(_api.Client, "&follow=false");
        await all.ToEndAsync();
        var expected = all.Events.Select(next => next.GetRawText()).ToList();
        Assert.Equal(8 * 40 * 3, expected.Count);
        foreach (var consumer in consumers) Assert.Equal(expected, consumer.Events.Select(next => next.GetRawText()));
        Assert.Equal(all.Events.Select(next => next.GetProperty("position").GetInt64()).Order(), all.Events.Select(next => next.GetProperty("position").GetInt64()));
    }

    private static async Task WriteAsync(Ledger ledger, int writer)
    {
        for (var run = 0; run < 40; run++)
        {
            await RecordAsync(ledger, Samples.Run($"run_{writer}_{run}", "queued"));
            await RecordAsync(ledger, Samples.Run($"run_{writer}_{run}"));
        }
    }

    // Connects again and again, each time for some lines, until all is written and the head is reached.
    private static async Task ConsumeAsync(FeedReader consumer, int seed, Task writers)
    {
        var random = new Random(seed);
        while (true)
        {
            var ended = writers.IsCompleted;
            var read = consumer.Events.Count;
            for (var lines = random.Next(1, 60); lines > 0 && !(ended && consumer.IsAtHead); lines--) await consumer.ReadAsync();
            consumer.Disconnect();
            if (ended && consumer.Events.Count == read) return;
        }
    }

    private static async Task RecordAsync(Ledger ledger, string snapshot)
    {
        var observation = new Observation(Snapshot.Read(Encoding.UTF8.GetBytes(snapshot)).Value!, DateTimeOffset.UnixEpoch, TimeBasis.Assumed, "test");
        await ledger.Recorder.RecordAsync([new Submission.Observed(TenantId.Default, observation, "")], CancellationToken.None);
    }

    private Task<Ledger> OtherHostAsync(RecorderOptions options) => Ledger.OpenAsync(
        _api.Ledger.DataSource.ConnectionString, options, TimeProvider.System, NullLoggerFactory.Instance, CancellationToken.None);

    private async Task<string[]> ServerSentAsync(string? lastEventId)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/events?follow=false");
        request.Headers.Add(HeaderNames.Accept, "text/event-stream");
        if (lastEventId is not null) request.Headers.Add("Last-Event-ID", lastEventId);
        using var answer = await _api.Client.SendAsync(request);
        Assert.Equal("text/event-stream", answer.Content.Headers.ContentType?.MediaType);
        return (await answer.Content.ReadAsStringAsync()).Split("\n\n", StringSplitOptions.RemoveEmptyEntries);
    }

    private static Dictionary<string, string?> KeysOf(params string[] tenants) => tenants.SelectMany((tenant, index) => new (string, string)[]
    {
        ("name", tenant), ("tenant", tenant), ("scopes:0", "observe"), ("scopes:1", "read"),
        ("sha256", Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes($"{tenant}-key")))),
    }.Select(setting => KeyValuePair.Create($"Keys:{index}:{setting.Item1}", (string?)setting.Item2))).ToDictionary();
}
