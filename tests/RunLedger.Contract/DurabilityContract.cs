using System.Collections.Concurrent;
using System.Diagnostics;
using RunLedger.Contract.Hosts;
using RunLedger.Contract.Json;
using RunLedger.Contract.Samples;
using RunLedger.Domain.Observations;
using RunLedger.Postgres;
using RunLedger.Postgres.Embedded;
using RunLedger.Postgres.Recording;

namespace RunLedger.Contract;

/// <summary>G4: a receipt means committed and flushed; a kill at any moment loses nothing that has one, and leaves no half of an observation.</summary>
public abstract class DurabilityContract(EngineDatabase database)
{
    private static readonly TenantId Killed = new("killed");

    [Fact]
    public async Task Receipts_survive_kills_of_the_server_during_ingest_which_then_goes_on_by_itself()
    {
        await using var server = await EmbeddedPostgres.StartTemporaryAsync(SharedServer.Small);
        await using var first = await database.OpenAsync(server.ConnectionString);
        await using var second = await database.OpenAsync(server.ConnectionString);
        var random = new Random(19);
        var receipts = new ConcurrentQueue<(Submission.Observed Submission, Receipt Receipt)>();
        using var end = new CancellationTokenSource();
        var clients = Task.WhenAll(Enumerable.Range(0, 6).Select(client =>
            Task.Run(() => IngestAsync(client % 2 == 0 ? first : second, client, receipts, end.Token))));

        for (var kill = 0; kill < 4; kill++)
        {
            await ProceedsAsync(random.Next(100, 400));
            await (kill % 2 == 0 ? KillServerAsync(server) : KillBackendAsync(first));
        }
        await ProceedsAsync(200);
        await end.CancelAsync();
        await clients;

        Assert.Contains(Killed, await first.Runs.TenantsAsync(CancellationToken.None)); // over a pool whose connections are dead
        first.DataSource.Clear();
        await Recomputation.AssertHoldsAsync(first.DataSource);
        var told = receipts.Select(item => (item.Submission.Observation.Snapshot.Json.ToString(), item.Receipt.Version!.Value));
        await AllAreThereAsync(first, [.. told], Killed);

        Task ProceedsAsync(int count)
        {
            var target = receipts.Count + count;
            return Eventually.HoldsAsync($"{count} more receipts", () => clients.IsCompleted || receipts.Count >= target);
        }
    }

    [Fact]
    public async Task Commits_are_flushed_even_where_the_database_is_set_not_to_wait_for_that()
    {
        var connectionString = await SharedServer.CreateDatabaseAsync();
        await using var ledger = await database.OpenAsync(connectionString);
        await ledger.DataSource.ExecuteAsync(
            """
            do $$ begin execute format('alter database %I set synchronous_commit = off', current_database()); end $$;
            create table public.commits (setting text);
            create function public.note_commit() returns trigger language plpgsql as
              $$ begin insert into public.commits values (current_setting('synchronous_commit')); return null; end $$;
            create trigger note_commit after insert on runledger.mt_events for each statement execute function public.note_commit();
            """);
        await using var lax = await database.OpenAsync(connectionString);

        await lax.Recorder.RecordAsync([Killed.Seen(RunJson.Queued("run_one"), 0)], CancellationToken.None);
        await lax.Recorder.RecordAsync([.. Enumerable.Range(0, 500).Select(run => Killed.Seen(RunJson.Queued($"run_{run}"), 0))], CancellationToken.None);

        Assert.Equal("off", await lax.DataSource.AskAsync<string>("select current_setting('synchronous_commit')"));
        var settings = await lax.DataSource.ListAsync<string>("select setting from public.commits");
        Assert.True(settings.Count >= 2, "Not both appends were seen.");
        Assert.All(settings, setting => Assert.Equal("on", setting));
    }

    [Fact]
    public async Task Receipts_survive_kills_of_the_host_during_ingest_and_the_next_one_may_send_all_again()
    {
        var connectionString = await SharedServer.CreateDatabaseAsync();
        await using var ledger = await database.OpenAsync(connectionString);
        var random = new Random(29);
        var receipts = 0;
        for (var round = 0; round < 3; round++)
        {
            receipts += random.Next(50, 500);
            using var host = IngestingHost.Start(database, connectionString);
            var told = await host.KillAfterAsync(receipts);

            await Eventually.HoldsAsync("the host's last transaction has ended", async () => await ledger.DataSource.AskAsync<bool>(
                "select not exists (select from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and state <> 'idle')"));
            await Recomputation.AssertHoldsAsync(ledger.DataSource);
            await AllAreThereAsync(ledger, told, IngestingHost.Tenant);
        }
    }

    private static async Task IngestAsync(
        Ledger ledger, int client, ConcurrentQueue<(Submission.Observed, Receipt)> receipts, CancellationToken end)
    {
        var random = new Random(client);
        for (var run = 0; ; run++)
            foreach (var group in RandomHistory.Of(random, Killed, $"run_{client}_{run}").Chunk(2))
            {
                if (end.IsCancellationRequested) return;
                var given = await ledger.Recorder.RecordAsync(group, CancellationToken.None);
                foreach (var item in group.Zip(given)) receipts.Enqueue(item);
            }
    }

    private static async Task KillServerAsync(EmbeddedPostgres server)
    {
        var killed = server.ProcessId;
        Kill(killed);
        await Eventually.HoldsAsync("another server runs", () => server.ProcessId != killed);
    }

    // The death of one server process makes all others end and the server recover, as the operating system's out-of-memory killer does it.
    private static async Task KillBackendAsync(Ledger ledger)
    {
        ledger.DataSource.Clear(); // Its pooled connections were to servers that are gone.
        Kill(await ledger.DataSource.AskAsync<int>(
            "select pid from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid() order by query_start desc nulls last limit 1"));
    }

    private static void Kill(int processId)
    {
        using var process = Process.GetProcessById(processId);
        process.Kill();
    }

    private static async Task AllAreThereAsync(Ledger ledger, List<(string Json, long Version)> told, TenantId tenant)
    {
        foreach (var runs in told.GroupBy(item => Observed.Snapshot(item.Json).Id.Value).Chunk(500))
        {
            var histories = await ledger.Runs.HistoriesAsync(tenant, [.. runs.Select(run => run.Key)], CancellationToken.None);
            foreach (var run in runs)
                foreach (var (json, version) in run)
                    JsonAssert.DeepEqual(json, await ledger.Runs.JsonAsync(tenant, histories[run.Key].SnapshotAt(version), CancellationToken.None));
        }
    }
}
