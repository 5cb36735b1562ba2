using System.Threading.Channels;

namespace RunLedger.Host.Replay;

/// <summary>Views that somebody has asked this host to rebuild, in order.</summary>
public sealed class RebuildRequests
{
    private readonly Channel<string> _views = Channel.CreateBounded<string>(new BoundedChannelOptions(8) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>Asks for the rebuild of a view.</summary>
    public void Add(string view) => _views.Writer.TryWrite(view);

    /// <summary>The next view asked for; null if there is none.</summary>
    public string? TryTake() => _views.Reader.TryRead(out var view) ? view : null;

    /// <summary>Waits until a view is asked for.</summary>
    public async Task WaitAsync(CancellationToken cancellationToken) => await _views.Reader.WaitToReadAsync(cancellationToken);
}
