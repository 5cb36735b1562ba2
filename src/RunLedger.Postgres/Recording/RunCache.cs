namespace RunLedger.Postgres.Recording;

/// <summary>The runs that were recorded last, within a bound of bytes; the one not used for longest goes first.</summary>
internal sealed class RunCache(long capacity)
{
    private readonly Dictionary<RunKey, LinkedListNode<(TrackedRun Run, int Size)>> _runs = [];
    private readonly LinkedList<(TrackedRun Run, int Size)> _byUse = new();
    private long _size;

    /// <summary>Takes a run out, to be kept again once it is stored.</summary>
    public TrackedRun? Take(RunKey key)
    {
        if (!_runs.Remove(key, out var node)) return null;
        _byUse.Remove(node);
        _size -= node.Value.Size;
        node.Value.Run.IsRemembered = true;
        return node.Value.Run;
    }

    /// <summary>Keeps a run as the one used last.</summary>
    public void Keep(TrackedRun run)
    {
        if (run.Version == 0) return;
        Forget(run.Key);
        var size = run.Size;
        _runs.Add(run.Key, _byUse.AddLast((run, size)));
        _size += size;
        while (_size > capacity) Forget(_byUse.First!.Value.Run.Key);
    }

    /// <summary>Forgets a run, whose state may not be what is stored.</summary>
    public void Forget(RunKey key) => Take(key);

    /// <summary>Forgets all runs.</summary>
    public void Clear()
    {
        _runs.Clear();
        _byUse.Clear();
        _size = 0;
    }
}
