namespace RunLedger.Host.Polling;

/// <summary>The place of a poll among those that an upstream is asked at once, until it is disposed.</summary>
/// <param name="upstream">The upstream.</param>
/// <param name="leave">Gives the place back; null if that is somebody else's to do.</param>
public sealed class Place(Upstream upstream, Action? leave = null) : IDisposable
{
    /// <summary>The upstream.</summary>
    public Upstream Upstream => upstream;

    /// <inheritdoc/>
    public void Dispose() => leave?.Invoke();
}
