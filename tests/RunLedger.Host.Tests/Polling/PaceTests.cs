using RunLedger.Domain.Observations;
using RunLedger.Host.Polling;
using RunLedger.Postgres.Polling;

namespace RunLedger.Host.Tests.Polling;

public sealed class PaceTests
{
    private static readonly UpstreamOptions Upstream = new() { PollInterval = TimeSpan.FromSeconds(1), LongestInterval = TimeSpan.FromSeconds(20) };

    private readonly Pace _pace = new(Upstream, new Random(1));

    [Fact]
    public void After_a_change_the_pause_is_the_shortest() => Assert.InRange(_pace.Changed().Pause.TotalSeconds, 0.9, 1.1);

    [Fact]
    public void Pauses_grow_by_half_while_nothing_changes_up_to_the_longest()
    {
        Assert.InRange(_pace.Unchanged(Watch(pause: 0)).Pause.TotalSeconds, 0.9, 1.1);
        Assert.InRange(_pace.Unchanged(Watch(pause: 4)).Pause.TotalSeconds, 5.4, 6.6);
        Assert.InRange(_pace.Unchanged(Watch(pause: 1_000)).Pause.TotalSeconds, 18, 22);
    }

    [Fact]
    public void A_run_that_waits_for_somebody_is_given_time()
    {
        Assert.InRange(_pace.Changed(requiresAction: true).Pause.TotalSeconds, 3.6, 4.4);
        Assert.InRange(_pace.Unchanged(Watch(pause: 1), requiresAction: true).Pause.TotalSeconds, 3.6, 4.4);
    }

    [Fact]
    public void Pauses_double_with_every_failure_of_the_same_kind_and_begin_anew_with_another()
    {
        var third = _pace.Failed(Watch(attempts: 2, PollOutcome.Failed), PollOutcome.Failed, "answered 500");
        Assert.Equal((3, "answered 500"), (third.Attempts, third.Error));
        Assert.InRange(third.Pause.TotalSeconds, 4, 8);
        Assert.Equal(1, _pace.Failed(Watch(attempts: 2, PollOutcome.Failed), PollOutcome.Unreadable, "is no JSON").Attempts);
        Assert.InRange(_pace.Failed(Watch(attempts: 90, PollOutcome.Failed), PollOutcome.Failed, "answered 500").Pause.TotalSeconds, 10, 20);
    }

    [Fact]
    public void What_a_service_asks_for_is_waited_for_beyond_the_longest_pause() =>
        Assert.Equal(60, _pace.Failed(Watch(), PollOutcome.RateLimited, "answered 429", TimeSpan.FromMinutes(1)).Pause.TotalSeconds);

    [Fact]
    public void The_same_seed_gives_the_same_pauses() =>
        Assert.Equal(new Pace(Upstream, new Random(7)).Changed(), new Pace(Upstream, new Random(7)).Changed());

    private static Watch Watch(double pause = 1) =>
        new(new WatchKey(TenantId.Default, "live", "thread_1", "run_1"), TimeSpan.FromSeconds(pause), 0, null, null, TimeSpan.Zero);

    private static Watch Watch(int attempts, PollOutcome last) => Watch() with { Attempts = attempts, LastOutcome = last };
}
