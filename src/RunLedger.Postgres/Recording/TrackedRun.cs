using RunLedger.Domain.Observations;
using RunLedger.Domain.Runs;

namespace RunLedger.Postgres.Recording;

/// <summary>
/// A run in the recorder's memory: its state, and its row as it is stored. A run rests once it has ended: what is observed of it from then on shows
/// mostly nothing new, and only what tells that is kept. Otherwise all that ended within a few seconds would have to be carried along by every
/// garbage collection.
/// </summary>
internal sealed class TrackedRun(RunKey key)
{
    private RunState? _state;
    private RunState? _stateAtRest;

    public RunKey Key { get; } = key;

    /// <summary>What is known; null if nothing is, or not here while the run rests.</summary>
    public RunState? State => IsAtRest ? null : _state;

    /// <summary>The row as it is stored; null if there is none, or not here while the run rests.</summary>
    public RunView? StoredView { get; private set; }

    public long Version => _state?.Version ?? 0;

    /// <summary>The version at which the run's current snapshot is given back.</summary>
    public long CurrentVersion => _state!.CurrentVersion;

    /// <summary>Whether nothing of it was in memory.</summary>
    public bool IsStranger { get; private init; }

    /// <summary>Whether it was first seen waiting for its first start, as runs are of which nothing is known anywhere.</summary>
    public bool LooksNew { get; private init; }

    /// <summary>Whether the state is from memory, and somebody else may have appended to the run since.</summary>
    public bool IsRemembered { get; set; }

    /// <summary>Whether only so much is kept as tells whether it is shown again.</summary>
    public bool IsAtRest { get; private set; }

    public bool HasMoved => !IsAtRest && Version != (StoredView?.Version ?? 0);

    /// <summary>A run of which nothing is in memory.</summary>
    /// <param name="key">The run.</param>
    /// <param name="observation">The first observation of it.</param>
    public static TrackedRun SeenFirstBy(RunKey key, Observation observation) =>
        new(key) { IsStranger = true, LooksNew = observation.Snapshot.Status == "queued" && observation.Snapshot["started_at"] is null or { IsNull: true } };

    /// <summary>The run at rest as one that is to be looked up, with what no event tells of it.</summary>
    public TrackedRun Woken() => new(Key) { _stateAtRest = _state };

    /// <summary>Folds the events that were looked up.</summary>
    public void CatchUp(IReadOnlyList<RunEvent> events)
    {
        _state = RunState.Fold(Key.Run, events);
        StoredView = RunView.Of(_state);
        if (_stateAtRest is { SeenAgainAt: { } seenAgainAt }) _state = _state.SeenAgain(_stateAtRest.CurrentDigest, seenAgainAt);
        _stateAtRest = null;
    }

    /// <summary>Folds an event that is about to be appended.</summary>
    public void Apply(RunEvent next) => _state = (_state ?? RunState.New(Key.Run)).Apply(next);

    /// <summary>Takes what was appended as stored, and lets go of what can be looked up again.</summary>
    public void Stored(RunView view)
    {
        var ends = _state!.HasEnded && !RunStatuses.IsTerminal(StoredView?.Status);
        (IsAtRest, _state, StoredView) = ends ? (true, _state.AtRest(), null) : (false, _state.Light(), view);
    }

    /// <summary>Whether an observation shows the run as it is known, and is not older: it shows nothing new. Most polls are such.</summary>
    public bool IsShownAgainBy(Observation observation) =>
        _state is not null
        && _state.CurrentDigest == observation.Snapshot.Digest
        && observation.Request is null
        && (observation.Basis == TimeBasis.Assumed || observation.ObservedAt >= _state.LastObservedAt);

    /// <summary>Remembers when an observation was made that showed nothing new: what was seen before it and comes after it is older.</summary>
    public void SeeAgain(Observation observation) => _state = _state!.SeenAgainBy(observation);

    /// <summary>How many bytes this takes, about.</summary>
    public int Size
    {
        get
        {
            if (IsAtRest) return 700;
            var size = 2_000 + (_state?.Timeline.Length ?? 0) * 120;
            foreach (var known in (_state?.Fields ?? SnapshotFields.Empty).All) size += 100 + known.Value.KeptBytes;
            return size;
        }
    }
}
