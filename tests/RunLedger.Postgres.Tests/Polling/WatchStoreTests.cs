using RunLedger.Domain.Observations;
using RunLedger.Postgres.Polling;
using RunLedger.Postgres.Schema;
using RunLedger.Postgres.Tests.Embedded;

namespace RunLedger.Postgres.Tests.Polling;

public sealed class WatchStoreTests(RunningServer server) : IClassFixture<RunningServer>, IAsyncLifetime
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private static int _databases;

    private Npgsql.NpgsqlDataSource _source = null!;
    private WatchStore _store = null!;

    public async Task InitializeAsync()
    {
        var database = await server.Postgres.CreateDatabaseAsync($"watches_{Interlocked.Increment(ref _databases)}");
        _source = Npgsql.NpgsqlDataSource.Create(database);
        await SchemaMigrator.MigrateAsync(_source, _ => Task.CompletedTask, CancellationToken.None);
        _store = new WatchStore(_source);
    }

    public async Task DisposeAsync() => await _source.DisposeAsync();

    [Fact]
    public async Task What_is_added_is_due_at_once_and_added_once()
    {
        Assert.Equal(2, await _store.AddAsync([Key("run_1"), Key("run_1"), Key("run_2")], CancellationToken.None));
        Assert.Equal(0, await _store.AddAsync([Key("run_2")], CancellationToken.None));
        var due = await TakeAsync("a", 10);
        Assert.Equal([Key("run_1"), Key("run_2")], due.Taken.Select(watch => watch.Key).OrderBy(key => key.RunId));
        Assert.All(due.Taken, watch => Assert.Equal((TimeSpan.Zero, 0, null, null), (watch.Pause, watch.Attempts, watch.LastOutcome, watch.ListedTo)));
    }

    [Fact]
    public async Task No_more_is_taken_than_there_is_room_for_and_only_of_the_upstreams_asked_for()
    {
        var (ofOther, ofOtherTenant) = (Key("run_4") with { Upstream = "other" }, Key("run_5") with { Tenant = new TenantId("acme") });
        await _store.AddAsync([Key("run_1"), Key("run_2"), Key("run_3"), ofOther, ofOtherTenant], CancellationToken.None);
        Assert.Equal(2, (await TakeAsync("a", 2)).Taken.Count);
        Assert.Single((await TakeAsync("a", 2)).Taken);
        Assert.Empty((await TakeAsync("a", 2)).Taken);
    }

    [Fact]
    public async Task What_no_column_can_hold_of_one_watch_keeps_no_other_from_being_settled()
    {
        await _store.AddAsync([Key("run_1"), Key("run_2")], CancellationToken.None);
        await TakeAsync("a", 10);
        var settled = new SettledWatch(Key("run_1"), new Settlement.Again(Minute, PollOutcome.Unreadable, 1, "cut \0 \ud83d", "run_\0\ud83d"));
        await _store.ExchangeAsync(
            new WatchExchange { Owner = "a", Lease = Minute, Settled = [settled, new SettledWatch(Key("run_2"), new Settlement.Done())] }, CancellationToken.None);
        var left = Assert.Single(await _store.ListAsync(TenantId.Default, null, 10, CancellationToken.None));
        Assert.Equal((Key("run_1"), "cut \ufffd \ufffd"), (left.Key, left.LastError));
    }

    [Fact]
    public async Task What_is_leased_is_no_other_hosts_until_the_lease_runs_out()
    {
        await _store.AddAsync([Key("run_1")], CancellationToken.None);
        Assert.Single((await TakeAsync("dead", 10, TimeSpan.FromMilliseconds(300))).Taken);
        var early = await TakeAsync("b", 10);
        Assert.Empty(early.Taken);
        Assert.InRange(early.NextDue!.Value, TimeSpan.FromTicks(1), TimeSpan.FromMilliseconds(300));
        await Eventually.HoldsAsync("the lease has run out", async () => (await TakeAsync("b", 10)).Taken.Count == 1);

        // The first host was not dead after all: what it says now is not heard.
        await SettleAsync("dead", Key("run_1"), new Settlement.Done());
        Assert.Single(await _store.ListAsync(TenantId.Default, null, 10, CancellationToken.None));
    }

    [Fact]
    public async Task A_lease_that_is_renewed_goes_on()
    {
        await _store.AddAsync([Key("run_1")], CancellationToken.None);
        await TakeAsync("a", 1, TimeSpan.FromSeconds(2));
        await _store.ExchangeAsync(new WatchExchange { Owner = "a", Lease = Minute, Renewed = [Key("run_1")] }, CancellationToken.None);
        Assert.True((await TakeAsync("b", 1)).NextDue > TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task What_is_polled_again_remembers_how_it_went()
    {
        await _store.AddAsync([Key("run_1"), Key("")], CancellationToken.None);
        await TakeAsync("a", 10);
        await SettleAsync("a", Key("run_1"), new Settlement.Again(TimeSpan.FromMilliseconds(1), PollOutcome.Failed, 3, "answered 500", null));
        await SettleAsync("a", Key(""), new Settlement.Again(Minute, PollOutcome.Changed, 0, null, "run_1"));

        DueWatches due = null!;
        await Eventually.HoldsAsync("it is due", async () => (due = await TakeAsync("b", 10)).Taken.Count > 0);
        var again = Assert.Single(due.Taken);
        Assert.Equal((Key("run_1"), TimeSpan.FromMilliseconds(1), 3, PollOutcome.Failed), (again.Key, again.Pause, again.Attempts, again.LastOutcome));
        Assert.InRange(due.NextDue!.Value, Minute / 2, Minute);
        var views = await _store.ListAsync(TenantId.Default, null, 10, CancellationToken.None);
        Assert.Equal(["", "run_1"], views.Select(view => view.Key.RunId));
        Assert.Equal("answered 500", views[1].LastError);
    }

    [Fact]
    public async Task What_is_given_back_is_due_as_before_and_what_is_done_is_gone()
    {
        await _store.AddAsync([Key("run_1"), Key("run_2")], CancellationToken.None);
        await TakeAsync("a", 10);
        await SettleAsync("a", Key("run_1"), new Settlement.GivenBack());
        await SettleAsync("a", Key("run_2"), new Settlement.Done());
        Assert.Equal(Key("run_1"), Assert.Single((await TakeAsync("b", 10)).Taken).Key);
        Assert.Single(await _store.ListAsync(TenantId.Default, null, 10, CancellationToken.None));
    }

    [Fact]
    public async Task Hosts_that_take_at_once_never_get_the_same()
    {
        await _store.AddAsync([.. Enumerable.Range(0, 400).Select(i => Key($"run_{i}"))], CancellationToken.None);
        var taken = await Task.WhenAll(Enumerable.Range(0, 8).Select(async host =>
        {
            var mine = new List<WatchKey>();
            for (var turn = 0; turn < 10; turn++) mine.AddRange((await TakeAsync($"host {host}", 7)).Taken.Select(watch => watch.Key));
            return mine;
        }));
        var all = taken.SelectMany(mine => mine).ToList();
        Assert.Equal(all.Count, all.Distinct().Count());
        Assert.Equal(400, all.Count + (await TakeAsync("last", 400)).Taken.Count);
    }

    [Fact]
    public async Task A_tenant_sees_its_own_watches_page_by_page()
    {
        await _store.AddAsync([Key("run_1"), Key("run_2"), Key("run_3"), Key("run_4") with { Tenant = new TenantId("acme") }], CancellationToken.None);
        var first = await _store.ListAsync(TenantId.Default, null, 2, CancellationToken.None);
        var rest = await _store.ListAsync(TenantId.Default, first[^1].Key, 2, CancellationToken.None);
        Assert.Equal(["run_1", "run_2", "run_3"], first.Concat(rest).Select(view => view.Key.RunId));
    }

    private static WatchKey Key(string run) => new(TenantId.Default, "live", "thread_1", run);

    private Task<DueWatches> TakeAsync(string owner, int places, TimeSpan? lease = null) => _store.ExchangeAsync(
        new WatchExchange { Owner = owner, Lease = lease ?? Minute, Rooms = [new UpstreamRoom(TenantId.Default, "live", places)] }, CancellationToken.None);

    private Task<DueWatches> SettleAsync(string owner, WatchKey key, Settlement settlement) => _store.ExchangeAsync(
        new WatchExchange { Owner = owner, Lease = Minute, Settled = [new SettledWatch(key, settlement)] }, CancellationToken.None);
}
