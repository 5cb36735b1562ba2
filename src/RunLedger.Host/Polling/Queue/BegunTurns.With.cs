using System.Collections.Concurrent;

namespace RunLedger.Host.Polling.Queue;

/// <summary>
/// When the polls under way began on this host, to measure how long they take. One may end on another host, or nowhere: what began long ago is forgotten.
/// </summary>
/// <param name="clock">The clock.</param>
public sealed class BegunTurns(TimeProvider clock)
{
    private const int Few = 1_024;

    // With all attempts to record what it saw, a poll takes less.
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(10);

    private readonly ConcurrentDictionary<string, long> _begun = new(StringComparer.Ordinal);
    private int _most = Few;

    /// <summary>How many are known.</summary>
    public int Count => _begun.Count;

    /// <summary>A turn begins.</summary>
    public void Begin(string turn)
    {
        if (_begun.Count >= Volatile.Read(ref _most)) Forget();
        _begun[turn] = clock.GetTimestamp();
    }

    /// <summary>A turn ends: after so long, or null if it did not begin here.</summary>
    public TimeSpan? End(string turn) => _begun.TryRemove(turn, out var begun) ? clock.GetElapsedTime(begun) : null;

    // Looked through only once they are twice as many as were left the last time.
    private void Forget()
    {
        foreach (var (turn, begun) in _begun)
            if (clock.GetElapsedTime(begun) > Longest) _begun.TryRemove(turn, out _);
        Volatile.Write(ref _most, Math.Max(Few, _begun.Count * 2));
    }
}
