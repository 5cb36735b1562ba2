namespace RunLedger.Host.Proxy.Copying;

/// <summary>The memory that copies may take, all together.</summary>
/// <param name="most">How much that is, in bytes.</param>
internal sealed class CopyRoom(long most)
{
    private long _taken;

    /// <summary>Takes some of it, if there is as much.</summary>
    public bool TryTake(long bytes)
    {
        if (Interlocked.Add(ref _taken, bytes) <= most) return true;
        GiveBack(bytes);
        return false;
    }

    /// <summary>Gives back what was taken.</summary>
    public void GiveBack(long bytes) => Interlocked.Add(ref _taken, -bytes);
}
