using System.Collections.Concurrent;
using static RunLedger.Host.Tests.Polling.ScriptedUpstream;

namespace RunLedger.Host.Tests.Polling;

[Collection(TestDatabase.Collection)]
public sealed class HostTests(TestDatabase databases)
{
    private static readonly (string, string) Frequent = ("Upstreams:0:longest_interval", "00:00:00.100");

    [Theory]
    [MemberData(nameof(Engines.OfTwoSchedulers), MemberType = typeof(Engines))]
    public async Task Two_hosts_share_the_work_and_never_poll_a_run_both_at_once(string ofOne, string ofOther)
    {
        var (underWay, hosts, overlaps) = (new ConcurrentDictionary<string, bool>(), new ConcurrentDictionary<string, int>(), 0);
        await using var upstream = await ScriptedUpstream.StartAsync(async (context, times) =>
        {
            hosts.AddOrUpdate(context.Request.Headers["X-Host"].ToString(), 1, (_, count) => count + 1);
            if (!underWay.TryAdd(context.Request.Path, true)) Interlocked.Increment(ref overlaps);
            await Task.Yield();
            underWay.TryRemove(context.Request.Path, out _);
            await AnswerRunAsync(context, times < 12 ? "in_progress" : "completed");
        });
        var database = await databases.CreateAsync();
        await using var one = await Poller.StartAsync(database, upstream.BaseAddress, Frequent, ("Upstreams:0:headers:X-Host", "one"), ("Polling:scheduler", ofOne));
        await using var other = await Poller.StartAsync(database, upstream.BaseAddress, Frequent, ("Upstreams:0:headers:X-Host", "other"), ("Polling:scheduler", ofOther));
        for (var i = 0; i < 100; i++) await one.WatchAsync("thread_1", $"run_{i}");
        await other.WatchAsync("thread_1", "run_last");

        await Eventually.HoldsAsync("all are ended", one.IsDoneAsync);
        Assert.Equal(0, overlaps);
        Assert.Equal(101 * 12, upstream.Requests);
        // A watch that a message of Wolverine holds stays with messages: of two kinds of hosts, one kind does ever more.
        var least = ofOne == ofOther ? 100 : 0;
        Assert.All(["one", "other"], host => Assert.True(hosts.GetValueOrDefault(host) > least, $"Host {host} did {hosts.GetValueOrDefault(host)} of {upstream.Requests} polls."));
    }

    [Fact]
    public async Task A_host_that_is_stopped_finishes_what_it_can_and_gives_its_leases_back()
    {
        using var isAsked = new SemaphoreSlim(0);
        await using var upstream = await ScriptedUpstream.StartAsync(async (context, _) =>
        {
            isAsked.Release();
            var never = new TaskCompletionSource();
            await using var gone = context.RequestAborted.Register(() => never.TrySetResult());
            await never.Task;
        });
        var database = await databases.CreateAsync();
        await using var poller = await Poller.StartAsync(database, upstream.BaseAddress, ("Polling:shutdown_limit", "00:00:00.100"));
        await poller.WatchAsync("thread_1", "run_1");
        await isAsked.WaitAsync();
        Assert.Equal(1, await LeasedAsync(poller));
        await poller.StopAsync();
        Assert.Equal(0, await LeasedAsync(poller));
        Assert.Single(await poller.WatchedAsync());
    }

    [Fact]
    public async Task The_watches_of_a_host_that_was_killed_are_taken_over_when_their_leases_have_run_out()
    {
        using var isAsked = new SemaphoreSlim(0);
        var isHanging = true;
        await using var upstream = await ScriptedUpstream.StartAsync(async (context, _) =>
        {
            isAsked.Release();
            var never = new TaskCompletionSource();
            await using var gone = context.RequestAborted.Register(() => never.TrySetResult());
            if (isHanging) await never.Task;
            else await AnswerRunAsync(context, "completed");
        });
        var database = await databases.CreateAsync();
        await using var first = await Poller.StartAsync(database, upstream.BaseAddress);
        await first.WatchAsync("thread_1", "run_1");
        await isAsked.WaitAsync();
        first.Kill();
        Assert.Equal(1, await LeasedAsync(first));

        isHanging = false;
        await using var second = await Poller.StartAsync(database, upstream.BaseAddress);
        await Eventually.HoldsAsync("the other host went on", second.IsDoneAsync);
        Assert.Equal(2, upstream.Requests);
    }

    [Fact]
    public async Task An_upstream_that_is_down_is_left_alone_keeps_its_watches_and_is_polled_again_when_it_is_up()
    {
        var isDown = true;
        await using var upstream = await ScriptedUpstream.StartAsync((context, _) =>
            isDown ? AnswerErrorAsync(context, 503) : AnswerRunAsync(context, "completed"));
        await using var poller = await Poller.StartAsync(
            await databases.CreateAsync(), upstream.BaseAddress, ("Upstreams:0:max_concurrency", "10"), ("Upstreams:0:longest_interval", "00:00:00.400"));
        for (var i = 0; i < 200; i++) await poller.WatchAsync("thread_1", $"run_{i}");
        await Eventually.HoldsAsync("it was tried again", () => upstream.Requests > 20);

        Assert.Equal(200, (await poller.WatchedAsync()).Count);
        Assert.Equal("Warning: Upstream simulated is down, it is asked less often until it is up again: answered 503.", Assert.Single(poller.Log));
        isDown = false;
        await Eventually.HoldsAsync("all are ended", poller.IsDoneAsync);
        Assert.StartsWith("Information: Upstream simulated is up again after ", Assert.Single(poller.Log.Skip(1)), StringComparison.Ordinal);
    }

    private static async Task<long> LeasedAsync(Poller poller)
    {
        await using var command = poller.Ledger.DataSource.CreateCommand("select count(*) from runledger.watches where lease_owner is not null");
        return (long)(await command.ExecuteScalarAsync())!;
    }
}
