using System.Text;
using Microsoft.AspNetCore.Http;
using Npgsql;
using RunLedger.Domain.Observations;
using RunLedger.Host.Capture;
using RunLedger.Host.Polling;
using RunLedger.Host.Tests.CommandLine;
using RunLedger.Postgres.Polling;
using RunLedger.Postgres.Quarantine;
using RunLedger.Postgres.Runs;
using Wolverine;
using Wolverine.Runtime.Serialization;
using static RunLedger.Host.Tests.Polling.ScriptedUpstream;

namespace RunLedger.Host.Tests.Polling;

/// <summary>Polls as messages of Wolverine: what is tried again, what ends in quarantine, and how a ledger comes to it and leaves it.</summary>
[Collection(TestDatabase.Collection)]
public sealed class QueueTests(TestDatabase databases)
{
    private static readonly (string, string) ByWolverine = ("Polling:scheduler", "wolverine");
    private static readonly (string, string) PatientLease = ("Polling:lease", "00:00:30");

    [Fact]
    public async Task What_the_database_refuses_to_record_is_tried_again_from_the_inbox_without_asking_again()
    {
        // Larger than the messages that Wolverine reads as it comes.
        var run = RunJson("run_1", "completed", new string('x', 5_000_000));
        await using var upstream = await ScriptedUpstream.StartAsync((context, _) => context.Response.WriteAsync(run));
        await using var poller = await StartAsync(
            upstream, PatientLease, ("Polling:retry_after:0", "00:00:00.200"), ("Polling:retry_after:1", "00:00:00.200"), ("Polling:retry_after:2", "00:01:00"));
        await RefuseEventsAsync(poller);
        await poller.WatchAsync("thread_1", "run_1");

        await Eventually.HoldsAsync("it was tried a third time", async () =>
            await AskAsync(poller, "select count(*) from runledger_queues.wolverine_incoming_envelopes where status = 'Scheduled' and execution_time > now() + interval '20 s'") == 1);
        Assert.Equal(3, await AttemptsAsync(poller));
        await ExecuteAsync(poller, "drop trigger refuse on runledger.mt_events; update runledger_queues.wolverine_incoming_envelopes set execution_time = now()");
        await Eventually.HoldsAsync("it is recorded", poller.IsDoneAsync);
        Assert.Equal("completed", (await poller.Ledger.Runs.FindAsync(TenantId.Default, new RunId("run_1"), CancellationToken.None))?.Status);
        Assert.Equal(1, upstream.Requests);
        Assert.Empty(await QuarantinedAsync(poller));
    }

    [Fact]
    public async Task What_the_database_refuses_for_good_ends_in_quarantine_from_where_it_is_recorded_after_a_fix()
    {
        await using var upstream = await ScriptedUpstream.StartAsync((context, times) =>
            times == 1 ? AnswerRunAsync(context, "completed") : AnswerErrorAsync(context, 503));
        await using var poller = await StartAsync(upstream, PatientLease, ("Polling:retry_after:0", "00:00:00.100"));
        await RefuseEventsAsync(poller);
        await poller.WatchAsync("thread_1", "run_1");

        await Eventually.HoldsAsync("it is in quarantine", async () => (await QuarantinedAsync(poller)).Count > 0);
        Assert.Equal(2, await AttemptsAsync(poller));
        var item = Assert.Single(await QuarantinedAsync(poller));
        Assert.Equal(("poll", "simulated: thread_1/run_1"), (item.Source, item.Pointer));
        Assert.Contains("not now", item.Defect.ToString(), StringComparison.Ordinal);
        await Eventually.HoldsAsync("the run is asked for again", () => upstream.Requests > 1);
        Assert.Equal(0, await AskAsync(poller, "select count(*) from runledger_queues.wolverine_dead_letters"));

        await ExecuteAsync(poller, "drop trigger refuse on runledger.mt_events");
        var counts = await new ObservationIntake(poller.Ledger, TimeProvider.System).RetryQuarantineAsync(TenantId.Default, CancellationToken.None);
        Assert.Equal(1, counts.Recorded);
        Assert.Equal("completed", (await poller.Ledger.Runs.FindAsync(TenantId.Default, new RunId("run_1"), CancellationToken.None))?.Status);
    }

    [Fact]
    public async Task What_hosts_cannot_read_or_handle_ends_once_in_the_quarantine_of_its_tenant_and_an_answer_in_it_is_recorded_by_a_retry()
    {
        await using var upstream = await ScriptedUpstream.StartAsync((context, times) => AnswerRunAsync(context, times < 5 ? "in_progress" : "completed"));
        var database = await databases.CreateAsync();
        await using var one = await Poller.StartAsync(database, upstream.BaseAddress, ByWolverine);
        await using var other = await Poller.StartAsync(database, upstream.BaseAddress, ByWolverine);
        var answer = Convert.ToBase64String(Encoding.UTF8.GetBytes(RunJson("run_2", "completed")));
        await SendAsync(one, typeof(RecordObservations).FullName!, "acme", "{");
        await SendAsync(one, typeof(RecordObservations).FullName!, "acme", $$"""{"poll":7,"answer":"{{answer}}"}""");
        await SendAsync(one, typeof(RecordObservations).FullName!, "acme", "{}");
        await SendAsync(one, "RunLedger.Host.Polling.OfALaterVersion", "acme", """{"news":1}""");
        await SendAsync(one, typeof(PollRun).FullName!, [1, 2, 3]);
        await one.WatchAsync("thread_1", "run_1");

        await Eventually.HoldsAsync("all are in quarantine", async () => (await QuarantinedAsync(one, "acme")).Count + (await QuarantinedAsync(one)).Count == 5);
        await Eventually.HoldsAsync("polls go on", one.IsDoneAsync);
        Assert.Equal(5, one.Log.Concat(other.Log).Count(line => line.Contains("A message is given up", StringComparison.Ordinal)));
        Assert.Equal(0, await AskAsync(one, "select count(*) from runledger_queues.wolverine_dead_letters"));
        var items = await QuarantinedAsync(one, "acme");
        Assert.Equal(["{", RunJson("run_2", "completed"), """{"news":1}""", "{}"], items.Select(item => Encoding.UTF8.GetString(item.Beginning.Span)).Order(StringComparer.Ordinal));
        Assert.All(items, item => Assert.StartsWith("cannot be recorded: ", item.Defect.Reason, StringComparison.Ordinal));
        Assert.Equal([1, 2, 3], Assert.Single(await QuarantinedAsync(one)).Beginning.ToArray());

        var counts = await new ObservationIntake(one.Ledger, TimeProvider.System).RetryQuarantineAsync(new TenantId("acme"), CancellationToken.None);
        Assert.Equal((1, 3), (counts.Recorded, counts.Quarantined));
        Assert.Equal("completed", (await one.Ledger.Runs.FindAsync(new TenantId("acme"), new RunId("run_2"), CancellationToken.None))?.Status);
    }

    [Fact]
    public async Task A_poll_that_is_given_up_is_put_off_and_its_watch_says_why()
    {
        await using var upstream = await ScriptedUpstream.StartAsync((context, _) => AnswerRunAsync(context, "completed"));
        await using var poller = await StartAsync(upstream, PatientLease, ("Polling:retry_after:0", "00:00:00.100"));
        await ExecuteAsync(
            poller,
            """
            create function public.refuse() returns trigger language plpgsql as $$ begin raise exception 'no turn begins'; end $$;
            create trigger refuse before update on runledger.watches for each row when (new.lease_owner like '% begun') execute function public.refuse();
            """);
        await poller.WatchAsync("thread_1", "run_1");

        await Eventually.HoldsAsync("its watch says why", async () =>
            (await poller.WatchedAsync()).Single().LastError?.Contains("no turn begins", StringComparison.Ordinal) == true);
        await ExecuteAsync(poller, "drop trigger refuse on runledger.watches");
        await Eventually.HoldsAsync("it is recorded", poller.IsDoneAsync);
        await Eventually.HoldsAsync("no dead letters are left", async () => await AskAsync(poller, "select count(*) from runledger_queues.wolverine_dead_letters") == 0);
        Assert.Empty(await QuarantinedAsync(poller));
    }

    [Fact]
    public async Task A_poll_whose_answer_the_inbox_does_not_take_is_made_again()
    {
        await using var upstream = await ScriptedUpstream.StartAsync((context, _) => AnswerRunAsync(context, "completed"));
        await using var poller = await StartAsync(upstream, ("Upstreams:0:request_timeout", "00:00:01"));
        await ExecuteAsync(
            poller,
            """
            create function public.refuse() returns trigger language plpgsql as $$ begin raise exception 'no room for answers'; end $$;
            create trigger refuse before insert on runledger_queues.wolverine_incoming_envelopes for each row
              when (new.message_type like '%RecordObservations') execute function public.refuse();
            """);
        await poller.WatchAsync("thread_1", "run_1");

        await Eventually.HoldsAsync("it is asked for again", () => upstream.Requests > 1);
        await ExecuteAsync(poller, "drop trigger refuse on runledger_queues.wolverine_incoming_envelopes");
        await Eventually.HoldsAsync("it is recorded", poller.IsDoneAsync);
        Assert.Equal("completed", (await poller.Ledger.Runs.FindAsync(TenantId.Default, new RunId("run_1"), CancellationToken.None))?.Status);
    }

    [Fact]
    public async Task Connections_that_are_killed_again_and_again_lose_and_double_nothing()
    {
        const int Runs = 60;
        await using var upstream = await ScriptedUpstream.StartAsync((context, times) =>
            AnswerRunAsync(context, times switch { 1 => "queued", < 20 => "in_progress", _ => "completed" }));
        var database = await databases.CreateAsync();
        await using var one = await Poller.StartAsync(database, upstream.BaseAddress, ByWolverine, ("Polling:retry_after:0", "00:00:00.200"));
        await using var other = await Poller.StartAsync(database, upstream.BaseAddress, ByWolverine, ("Polling:retry_after:0", "00:00:00.200"));
        for (var run = 0; run < Runs; run++) await one.WatchAsync("thread_1", $"run_{run}");

        await using var killer = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(database) { Pooling = false });
        for (var kill = 1; kill <= 3; kill++)
        {
            var goal = kill * 4 * Runs;
            await Eventually.HoldsAsync("polls go on", () => upstream.Requests > goal);
            await using var command = killer.CreateCommand(
                "select count(pg_terminate_backend(pid)) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()");
            Assert.NotEqual(0L, await command.ExecuteScalarAsync());
        }

        await Eventually.HoldsAsync("all are ended", () => IsDoneAsync(killer));
        await ExactlyAsync(killer, Runs);
    }

    [Fact]
    public async Task A_ledger_goes_over_to_Wolverine_and_back_and_its_runs_are_followed_to_their_end()
    {
        var status = "queued";
        await using var upstream = await ScriptedUpstream.StartAsync((context, _) => AnswerRunAsync(context, status));
        var database = await databases.CreateAsync();
        await using (var host = await Poller.StartAsync(database, upstream.BaseAddress))
        {
            for (var run = 0; run < 20; run++) await host.WatchAsync("thread_1", $"run_{run}");
            await Eventually.HoldsAsync("the host polls them", () => upstream.Requests > 60);
            await host.StopAsync();
        }
        await using (var wolverine = await Poller.StartAsync(database, upstream.BaseAddress, ByWolverine))
        {
            status = "in_progress";
            await Eventually.HoldsAsync("Wolverine polls them", async () => await StatusAsync(wolverine, "in_progress") == 20);
            await wolverine.StopAsync();
        }
        await using var again = await Poller.StartAsync(database, upstream.BaseAddress);
        status = "completed";
        await Eventually.HoldsAsync("the host polls them again", again.IsDoneAsync);
        await ExactlyAsync(again.Ledger.DataSource, 20);
    }

    [Fact]
    public async Task What_a_killed_host_had_taken_another_one_takes_over()
    {
        using var isHanging = new SemaphoreSlim(0);
        await using var upstream = await ScriptedUpstream.StartAsync(async (context, _) =>
        {
            if (context.Request.Headers["X-Host"] != "killed")
            {
                await AnswerRunAsync(context, "completed");
                return;
            }
            isHanging.Release();
            var never = new TaskCompletionSource();
            await using var gone = context.RequestAborted.Register(() => never.TrySetResult());
            await never.Task;
        });
        var database = await databases.CreateAsync();
        // Two are asked for; the others wait in the host that is killed.
        using (var killed = Invocation.Start(
            database,
            new Dictionary<string, string>
            {
                ["Upstreams__0__name"] = "simulated",
                ["Upstreams__0__base_url"] = upstream.BaseAddress.ToString(),
                ["Upstreams__0__max_concurrency"] = "2",
                ["Upstreams__0__request_timeout"] = "00:00:02",
                ["Upstreams__0__headers__X-Host"] = "killed",
                ["Polling__lease"] = "00:00:20",
            },
            "serve", "--engine", "marten", "--urls", "http://127.0.0.1:0"))
        {
            await Eventually.HoldsAsync("the host listens", () => killed.Said.Contains("listens on", StringComparison.Ordinal));
            await using var dataSource = NpgsqlDataSource.Create(database);
            await new WatchStore(dataSource).AddAsync(
                [.. Enumerable.Range(0, 20).Select(run => new WatchKey(TenantId.Default, "simulated", "thread_1", $"run_{run}"))], CancellationToken.None);
            await isHanging.WaitAsync();
            killed.Signal(Invocation.Kill);
            await killed.EndAsync();
            Assert.NotEqual(0, await AskAsync(dataSource, "select count(*) from runledger_queues.wolverine_incoming_envelopes where owner_id <> 0 and status = 'Incoming'"));
        }

        // The watches of the waiting messages are leased for a minute and more: it is the messages that are taken over.
        await using var other = await Poller.StartAsync(database, upstream.BaseAddress, ByWolverine);
        await Eventually.HoldsAsync("the other took the messages over", async () => await StatusAsync(other, "completed") >= 18);
        await Eventually.HoldsAsync("and watches them no more", async () => (await other.WatchedAsync()).Count <= 2);
    }

    [Fact]
    public async Task A_watch_that_is_removed_is_polled_no_more_whatever_is_scheduled()
    {
        await using var upstream = await ScriptedUpstream.StartAsync((context, _) => AnswerRunAsync(context, "in_progress"));
        await using var poller = await StartAsync(upstream);
        await poller.WatchAsync("thread_1", "run_1");
        await Eventually.HoldsAsync("it is polled", () => upstream.Requests > 2);
        Assert.True(await poller.RemoveAsync("thread_1", "run_1"));

        await Eventually.HoldsAsync("nothing is scheduled", async () =>
            await AskAsync(poller, "select count(*) from runledger_queues.wolverine_incoming_envelopes where status <> 'Handled'") == 0);
        Assert.Empty(await poller.WatchedAsync());
    }

    private async Task<Poller> StartAsync(ScriptedUpstream upstream, params (string, string)[] settings) =>
        await Poller.StartAsync(await databases.CreateAsync(), upstream.BaseAddress, [ByWolverine, .. settings]);

    // In a way that the recorder does not try again by itself. The attempts are counted by a sequence, which a transaction that is rolled back does not take back.
    private static Task RefuseEventsAsync(Poller poller) => ExecuteAsync(
        poller,
        """
        create sequence public.attempts;
        create function public.refuse() returns trigger language plpgsql as
          $$ begin perform nextval('public.attempts'); raise exception 'not now' using errcode = 'insufficient_privilege'; end $$;
        create trigger refuse before insert on runledger.mt_events for each statement execute function public.refuse();
        """);

    private static Task<long> AttemptsAsync(Poller poller) => AskAsync(poller, "select case when is_called then last_value else 0 end from public.attempts");

    private static Task<IReadOnlyList<WaitingItem>> QuarantinedAsync(Poller poller, string tenant = "*DEFAULT*") =>
        poller.Ledger.Quarantine.ListAsync(new TenantId(tenant), 0, 10, CancellationToken.None);

    private static Task SendAsync(Poller poller, string type, string tenant, string message) => SendAsync(
        poller, type, EnvelopeSerializer.Serialize(new Envelope { MessageType = type, TenantId = tenant, ContentType = "application/json", Data = Encoding.UTF8.GetBytes(message) }));

    // As a message that was due a minute ago, and that nobody has taken.
    private static async Task SendAsync(Poller poller, string type, byte[] body)
    {
        await using var command = poller.Ledger.DataSource.CreateCommand(
            """
            insert into runledger_queues.wolverine_incoming_envelopes (id, status, owner_id, execution_time, attempts, body, message_type, received_at)
            values (gen_random_uuid(), 'Scheduled', 0, now() - interval '1 minute', 0, $1, $2, 'local://durable/')
            """);
        command.Parameters.Add(new NpgsqlParameter { Value = body });
        command.Parameters.Add(new NpgsqlParameter { Value = type });
        await command.ExecuteNonQueryAsync();
    }

    private static async Task<int> StatusAsync(Poller poller, string status) =>
        (await poller.Ledger.Runs.ListAsync(TenantId.Default, new RunFilter(), 1_000, null, CancellationToken.None)).Runs.Count(run => run.Status == status);

    // Each run was seen queued, in progress and completed: three events, each once.
    private static async Task ExactlyAsync(NpgsqlDataSource dataSource, int runs)
    {
        Assert.Equal(runs, await AskAsync(dataSource, "select count(*) from runledger.run_views where status = 'completed' and version = 3"));
        Assert.Equal(3 * runs, await AskAsync(dataSource, "select count(distinct (stream_id, type)) from runledger.mt_events"));
        Assert.Equal(3 * runs, await AskAsync(dataSource, "select count(*) from runledger.mt_events"));
        Assert.Equal(0, await AskAsync(dataSource, "select count(*) from runledger.quarantine"));
    }

    private static async Task<bool> IsDoneAsync(NpgsqlDataSource dataSource) => await AskAsync(dataSource, "select count(*) from runledger.watches") == 0;

    private static Task<long> AskAsync(Poller poller, string question) => AskAsync(poller.Ledger.DataSource, question);

    private static async Task<long> AskAsync(NpgsqlDataSource dataSource, string question)
    {
        await using var command = dataSource.CreateCommand(question);
        return (long)(await command.ExecuteScalarAsync())!;
    }

    private static async Task ExecuteAsync(Poller poller, string sql)
    {
        await using var connection = await poller.Ledger.DataSource.OpenConnectionAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
