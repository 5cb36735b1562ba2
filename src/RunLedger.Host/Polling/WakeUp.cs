using System.Threading.Channels;

namespace RunLedger.Host.Polling;

/// <summary>Wakes one waiter: when asked to, or when its time has come. Asked while nobody waits, it wakes the next waiter at once.</summary>
internal sealed class WakeUp : IDisposable
{
    private readonly Channel<bool> _calls = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly ITimer _timer;

    public WakeUp(TimeProvider clock) =>
        _timer = clock.CreateTimer(static self => ((WakeUp)self!).Call(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

    public void Call() => _calls.Writer.TryWrite(true);

    public async Task WaitAsync(TimeSpan longest, CancellationToken cancellationToken)
    {
        _timer.Change(longest, Timeout.InfiniteTimeSpan);
        await _calls.Reader.ReadAsync(cancellationToken);
        _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public void Dispose() => _timer.Dispose();
}
