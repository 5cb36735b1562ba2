using RunLedger.Host.Polling.Queue;

namespace RunLedger.Host.Tests.Polling;

public sealed class BegunTurnsTests
{
    [Fact]
    public void Turns_that_end_elsewhere_are_forgotten_and_those_under_way_are_measured()
    {
        var clock = new SetClock();
        var begun = new BegunTurns(clock);
        for (var turn = 0; turn < 100_000; turn++)
        {
            begun.Begin($"turn {turn}");
            clock.Now += TimeSpan.FromSeconds(1).Ticks;
        }

        Assert.InRange(begun.Count, 600, 2_000);
        Assert.Equal(TimeSpan.FromSeconds(2), begun.End("turn 99998"));
        Assert.Null(begun.End("turn 99998"));
        Assert.Null(begun.End("turn 1"));
    }

    private sealed class SetClock : TimeProvider
    {
        public long Now { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Now;
    }
}
