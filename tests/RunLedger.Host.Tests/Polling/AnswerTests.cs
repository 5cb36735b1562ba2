using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using RunLedger.Domain.Observations;
using RunLedger.Postgres;
using RunLedger.Postgres.Polling;
using RunLedger.Postgres.Recording;
using static RunLedger.Host.Tests.Polling.ScriptedUpstream;

namespace RunLedger.Host.Tests.Polling;

[Collection(TestDatabase.Collection)]
public sealed class AnswerTests(TestDatabase databases)
{
    [Fact]
    public async Task A_run_that_has_ended_is_not_polled_any_more()
    {
        await using var upstream = await ScriptedUpstream.StartAsync((context, times) =>
        {
            var last = context.Request.Path.Value!.EndsWith("short", StringComparison.Ordinal) ? 3 : 20;
            return AnswerRunAsync(context, times >= last ? "completed" : "in_progress");
        });
        await using var poller = await StartAsync(upstream);
        await poller.WatchAsync("thread_1", "run_short");
        await poller.WatchAsync("thread_1", "run_long");

        await Eventually.HoldsAsync("both are ended", poller.IsDoneAsync);
        Assert.Equal(3, upstream.RequestsFor("run_short"));
        Assert.Equal(20, upstream.RequestsFor("run_long"));
    }

    [Fact]
    public async Task A_watch_that_is_added_twice_is_one()
    {
        await using var upstream = await ScriptedUpstream.StartAsync((context, _) => AnswerRunAsync(context, "in_progress"));
        await using var poller = await StartAsync(upstream);
        Assert.True(await poller.WatchAsync("thread_1", "run_1"));
        Assert.False(await poller.WatchAsync("thread_1", "run_1"));
        Assert.Single(await poller.WatchedAsync());
    }

    [Fact]
    public async Task A_run_that_the_service_does_not_have_is_given_up_after_a_few_tries_and_the_log_says_so()
    {
        await using var upstream = await ScriptedUpstream.StartAsync((context, _) => AnswerErrorAsync(context, 404));
        await using var poller = await StartAsync(upstream);
        await poller.WatchAsync("thread_1", "run_gone");

        await Eventually.HoldsAsync("it is given up", poller.IsDoneAsync);
        Assert.Equal(5, upstream.RequestsFor("run_gone"));
        Assert.Equal("Warning: simulated: thread_1/run_gone is not polled any more: the service answered 404 5 times.", Assert.Single(poller.Log));
    }

    [Fact]
    public async Task A_404_of_something_that_stands_in_the_services_place_gives_nothing_up()
    {
        await using var upstream = await ScriptedUpstream.StartAsync((context, times) =>
        {
            if (times > 8) return AnswerRunAsync(context, "completed");
            context.Response.StatusCode = 404;
            return context.Response.WriteAsync("<html>No such host</html>");
        });
        await using var poller = await StartAsync(upstream);
        await poller.WatchAsync("thread_1", "run_1");

        await Eventually.HoldsAsync("it is ended", poller.IsDoneAsync);
        Assert.Equal(9, upstream.Requests);
    }

    [Fact]
    public async Task An_answer_that_is_no_JSON_is_quarantined_once_and_asked_for_again()
    {
        await using var upstream = await ScriptedUpstream.StartAsync((context, times) =>
            times > 4 ? AnswerRunAsync(context, "completed") : context.Response.WriteAsync($"<html>Busy, {times}</html>"));
        await using var poller = await StartAsync(upstream);
        await poller.WatchAsync("thread_1", "run_1");

        await Eventually.HoldsAsync("it is ended", poller.IsDoneAsync);
        var item = Assert.Single(await poller.Ledger.Quarantine.ListAsync(TenantId.Default, 0, 10, CancellationToken.None));
        Assert.Equal("<html>Busy, 1</html>", System.Text.Encoding.UTF8.GetString(item.Beginning.Span));
        Assert.Equal(("poll", "simulated: thread_1/run_1"), (item.Source, item.Pointer));
        Assert.NotNull(await poller.Ledger.Runs.FindAsync(TenantId.Default, new RunId("run_1"), CancellationToken.None));
    }

    [Fact]
    public async Task A_run_whose_end_has_a_defect_waits_in_quarantine_and_is_not_polled_any_more()
    {
        await using var upstream = await ScriptedUpstream.StartAsync((context, _) =>
            context.Response.WriteAsync("""{"id":"run_1","object":"thread.run","created_at":"soon","thread_id":"thread_1","status":"failed"}"""));
        await using var poller = await StartAsync(upstream);
        await poller.WatchAsync("thread_1", "run_1");

        await Eventually.HoldsAsync("it is not watched", poller.IsDoneAsync);
        var item = Assert.Single(await poller.Ledger.Quarantine.ListAsync(TenantId.Default, 0, 10, CancellationToken.None));
        Assert.Equal("created_at", item.Defect.Field);
    }

    [Fact]
    public async Task The_end_of_a_run_that_the_ledger_cannot_read_is_asked_for_until_it_can()
    {
        await using var upstream = await ScriptedUpstream.StartAsync((context, _) => AnswerRunAsync(context, "completed"));
        var database = await databases.CreateAsync();
        await using var ledger = await Ledger.OpenAsync(
            database, new RecorderOptions(), TimeProvider.System, NullLoggerFactory.Instance, CancellationToken.None);
        var queued = Snapshot.Read("""{"id":"run_1","object":"thread.run","created_at":1790000000,"thread_id":"thread_1","status":"queued"}"""u8.ToArray()).Value!;
        await ledger.Recorder.RecordAsync(
            [new Submission.Observed(TenantId.Default, new Observation(queued, DateTimeOffset.UnixEpoch, TimeBasis.Stated, "poll"), "")], CancellationToken.None);
        await ExecuteAsync("update runledger.mt_events set type = 'of_a_later_version'");
        await using var poller = await Poller.StartAsync(database, upstream.BaseAddress, ("Upstreams:0:longest_interval", "00:00:00.100"));
        await poller.WatchAsync("thread_1", "run_1");
        await Eventually.HoldsAsync("it is not recorded", async () => await poller.WatchedAsync() is [{ LastOutcome: PollOutcome.NotRecorded }]);

        await ExecuteAsync("update runledger.mt_events set type = 'run_queued'");

        await Eventually.HoldsAsync("it is ended", poller.IsDoneAsync);
        Assert.Equal("completed", (await ledger.Runs.FindAsync(TenantId.Default, new RunId("run_1"), CancellationToken.None))!.Status);
        Assert.Empty(await ledger.Quarantine.ListAsync(TenantId.Default, 0, 10, CancellationToken.None));

        async Task ExecuteAsync(string sql)
        {
            await using var command = ledger.DataSource.CreateCommand(sql);
            await command.ExecuteNonQueryAsync();
        }
    }

    [Fact]
    public async Task A_snapshot_of_another_run_is_not_recorded()
    {
        await using var upstream = await ScriptedUpstream.StartAsync((context, _) =>
            context.Response.WriteAsync("""{"id":"run_2","object":"thread.run","created_at":1790000000,"thread_id":"thread_1","status":"failed"}"""));
        await using var poller = await StartAsync(upstream);
        await poller.WatchAsync("thread_1", "run_1");

        await Eventually.HoldsAsync("it is rejected", async () => await poller.WatchedAsync() is [{ LastOutcome: PollOutcome.Unreadable }]);
        var item = Assert.Single(await poller.Ledger.Quarantine.ListAsync(TenantId.Default, 0, 10, CancellationToken.None));
        Assert.Equal(new Defect("id", "is run_2, but run_1 was asked for"), item.Defect);
    }

    [Fact]
    public async Task A_service_that_asks_to_wait_is_waited_for()
    {
        await using var upstream = await ScriptedUpstream.StartAsync((context, _) =>
        {
            context.Response.Headers.RetryAfter = "600";
            return AnswerErrorAsync(context, 429);
        });
        await using var poller = await StartAsync(upstream);
        await poller.WatchAsync("thread_1", "run_1");

        await Eventually.HoldsAsync("it is put off", async () => await poller.WatchedAsync() is [{ LastOutcome: PollOutcome.RateLimited }]);
        var watch = Assert.Single(await poller.WatchedAsync());
        Assert.InRange(watch.NextPollAt - watch.CreatedAt, TimeSpan.FromSeconds(600), TimeSpan.FromSeconds(660));
        Assert.Equal(1, upstream.Requests);
    }

    [Fact]
    public async Task What_the_database_refuses_of_one_poll_keeps_no_other_from_being_heard()
    {
        await using var upstream = await ScriptedUpstream.StartAsync((context, times) =>
            AnswerRunAsync(context, times < 20 || context.Request.Path.Value!.EndsWith("/run_bad", StringComparison.Ordinal) ? "in_progress" : "completed"));
        await using var poller = await StartAsync(upstream);
        await using (var refuse = poller.Ledger.DataSource.CreateCommand(
            """
            create function public.refuse() returns trigger language plpgsql as $$ begin raise exception 'refused' using errcode = '22001'; end $$;
            create trigger refuse before update on runledger.watches for each row when (new.run_id = 'run_bad' and new.last_outcome is not null) execute function public.refuse();
            """))
            await refuse.ExecuteNonQueryAsync();
        await poller.WatchAsync("thread_1", "run_bad");
        await poller.WatchAsync("thread_1", "run_good");

        await Eventually.HoldsAsync("the good one is ended", async () => await poller.WatchedAsync() is [{ Key.RunId: "run_bad" }]);
        await Eventually.HoldsAsync("the bad one is polled again", () => upstream.RequestsFor("run_bad") > 1);
        Assert.Contains(poller.Log, line => line.StartsWith("Error: What the poll of simulated: thread_1/run_bad came to cannot be stored", StringComparison.Ordinal));
    }

    private async Task<Poller> StartAsync(ScriptedUpstream upstream) =>
        await Poller.StartAsync(await databases.CreateAsync(), upstream.BaseAddress, ("Upstreams:0:longest_interval", "00:00:00.100"));
}
