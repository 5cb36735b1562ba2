namespace RunLedger.Host.Replay;

/// <summary>Views that somebody has asked this host to rebuild, each once, in order.</summary>
public sealed class RebuildRequests
{
    private readonly Lock _asking = new();
    private readonly List<string> _views = [];
    private TaskCompletionSource _isAsked = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Asks for the rebuild of a view.</summary>
    public void Add(string view)
    {
        lock (_asking)
        {
            if (!_views.Contains(view)) _views.Add(view);
            _isAsked.TrySetResult();
        }
    }

    /// <summary>The next view asked for; null if there is none.</summary>
    public string? TryTake()
    {
        lock (_asking)
        {
            if (_views is not [var view, ..]) return null;
            _views.RemoveAt(0);
            if (_views.Count == 0) _isAsked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return view;
        }
    }

    /// <summary>Waits until a view is asked for, but no longer than a limit.</summary>
    public async Task WaitAsync(TimeSpan limit, TimeProvider clock, CancellationToken cancellationToken)
    {
        Task isAsked;
        lock (_asking) isAsked = _isAsked.Task;
        await isAsked.WaitAsync(limit, clock, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
    }
}
