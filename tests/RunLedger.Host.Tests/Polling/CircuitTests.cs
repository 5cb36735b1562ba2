using RunLedger.Host.Polling;

namespace RunLedger.Host.Tests.Polling;

public sealed class CircuitTests
{
    private readonly ManualClock _clock = new();
    private readonly Circuit _circuit;

    public CircuitTests() => _circuit = new Circuit(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(5), _clock);

    [Fact]
    public void An_upstream_is_down_when_polls_fail_one_after_another_and_only_then()
    {
        for (var i = 1; i < Circuit.Threshold; i++) Assert.False(_circuit.Failed(null));
        Assert.False(_circuit.Succeeded());
        for (var i = 1; i < Circuit.Threshold; i++) Assert.False(_circuit.Failed(null));
        Assert.Equal(8, _circuit.Room(active: 2, most: 10));
        Assert.True(_circuit.Failed(null));
        Assert.Equal(0, _circuit.Room(active: 2, most: 10));
    }

    [Fact]
    public void It_is_asked_once_after_each_break_and_the_breaks_double()
    {
        GoDown();
        foreach (var seconds in (double[])[1, 2, 4, 5, 5])
        {
            Assert.Equal(TimeSpan.FromSeconds(seconds), _circuit.Wait);
            _clock.Advance(TimeSpan.FromSeconds(seconds));
            Assert.Equal((1, 0), (_circuit.Room(active: 0, most: 10), _circuit.Room(active: 1, most: 10)));
            Assert.False(_circuit.Failed(null));
        }
        Assert.True(_circuit.Succeeded());
        Assert.Equal(10, _circuit.Room(active: 0, most: 10));
    }

    [Fact]
    public void Failures_of_polls_that_were_under_way_do_not_lengthen_the_break()
    {
        GoDown();
        Assert.False(_circuit.Failed(TimeSpan.FromMinutes(1)));
        Assert.Equal(TimeSpan.FromSeconds(1), _circuit.Wait);
    }

    [Fact]
    public void An_upstream_that_asks_for_a_longer_break_gets_it()
    {
        for (var i = 0; i < Circuit.Threshold; i++) _circuit.Failed(TimeSpan.FromMinutes(1));
        Assert.Equal(TimeSpan.FromMinutes(1), _circuit.Wait);
    }

    private void GoDown()
    {
        for (var i = 0; i < Circuit.Threshold; i++) _circuit.Failed(null);
    }

    private sealed class ManualClock : TimeProvider
    {
        private long _ticks;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _ticks;

        public void Advance(TimeSpan time) => _ticks += time.Ticks;
    }
}
