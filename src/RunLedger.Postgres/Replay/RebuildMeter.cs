using System.Diagnostics;

namespace RunLedger.Postgres.Replay;

/// <summary>Counts what a rebuild does, for whoever looks on.</summary>
internal sealed class RebuildMeter(Action<RebuildProgress> tell, TimeSpan interval)
{
    private readonly long _started = Stopwatch.GetTimestamp();
    private readonly Lock _lock = new();
    private RebuildProgress _now = new(RebuildPhases.Copying, 0, 0, 0, TimeSpan.Zero);
    private long _done;
    private TimeSpan _told = -interval;

    /// <summary>The events read by now.</summary>
    public long Events => _now.Events;

    /// <summary>Begins to read a number of positions.</summary>
    /// <param name="positions">All of them.</param>
    /// <param name="done">Those that were read before the rebuild was interrupted.</param>
    public void Begin(long positions, long done)
    {
        lock (_lock)
        {
            _done = done;
            _now = _now with { Positions = positions, PositionsRead = done };
        }
    }

    /// <summary>Counts events that were read, and the positions that they were found at.</summary>
    public void Read(long events, long positions) => Tell(now => now with { Events = now.Events + events, PositionsRead = now.PositionsRead + positions }, force: false);

    /// <summary>Says that another phase has begun.</summary>
    public void Enter(string phase) => Tell(now => now with { Phase = phase }, force: true);

    private void Tell(Func<RebuildProgress, RebuildProgress> change, bool force)
    {
        lock (_lock)
        {
            var elapsed = Stopwatch.GetElapsedTime(_started);
            _now = change(_now) with { Elapsed = elapsed, PositionsBefore = _done };
            if (!force && elapsed - _told < interval) return;
            _told = elapsed;
            tell(_now);
        }
    }
}

/// <summary>How far a rebuild is.</summary>
/// <param name="Phase"><c>copying</c>, <c>indexing</c>, <c>catching_up</c> or <c>switched</c>.</param>
/// <param name="Events">The events read, since the rebuild was begun or taken up again.</param>
/// <param name="Positions">The positions to be read.</param>
/// <param name="PositionsRead">Those that are read.</param>
/// <param name="Elapsed">The time since the rebuild was begun or taken up again.</param>
public sealed record RebuildProgress(string Phase, long Events, long Positions, long PositionsRead, TimeSpan Elapsed)
{
    /// <summary>The positions that were read before the rebuild was interrupted.</summary>
    public long PositionsBefore { get; init; }

    /// <summary>The part of the positions that is read, from 0 to 1.</summary>
    public double Part => Positions == 0 ? 1 : (double)PositionsRead / Positions;

    /// <summary>The events read a second.</summary>
    public double Rate => Elapsed.TotalSeconds > 0 ? Events / Elapsed.TotalSeconds : 0;

    /// <summary>The time that reading will take still, if it goes on as it did; null while nobody can say.</summary>
    public TimeSpan? TimeLeft => PositionsRead > PositionsBefore && Phase == RebuildPhases.Copying
        ? Elapsed * ((Positions - PositionsRead) / (double)(PositionsRead - PositionsBefore))
        : null;
}
