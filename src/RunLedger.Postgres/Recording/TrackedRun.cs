using RunLedger.Domain.Observations;
using RunLedger.Domain.Runs;

namespace RunLedger.Postgres.Recording;

/// <summary>A run in the recorder's memory: its state, its row as it is stored, and the text that showed it last.</summary>
internal sealed class TrackedRun(RunKey key)
{
    public RunKey Key { get; } = key;

    /// <summary>What is known; null if nothing is.</summary>
    public RunState? State { get; private set; }

    /// <summary>The row as it is stored; null if there is none.</summary>
    public RunView? StoredView { get; private set; }

    public long Version => State?.Version ?? 0;

    /// <summary>Whether it was first seen waiting for its first start, as runs are of which nothing is known anywhere.</summary>
    public bool LooksNew { get; private init; }

    /// <summary>Whether the state is from memory, and somebody else may have appended to the run since.</summary>
    public bool IsRemembered { get; set; }

    public bool HasMoved => Version != (StoredView?.Version ?? 0);

    /// <summary>A run of which nothing is in memory.</summary>
    /// <param name="key">The run.</param>
    /// <param name="observation">The first observation of it.</param>
    public static TrackedRun SeenFirstBy(RunKey key, Observation observation) =>
        new(key) { LooksNew = observation.Snapshot.Status == "queued" && observation.Snapshot["started_at"] is null or { IsNull: true } };

    /// <summary>Folds events that somebody else appended.</summary>
    public void CatchUp(IReadOnlyList<RunEvent> events)
    {
        State = events.Aggregate(State ?? RunState.New(Key.Run), (state, next) => state.Apply(next));
        StoredView = RunView.Of(State);
    }

    /// <summary>Folds an event that is about to be appended.</summary>
    public void Apply(RunEvent next) => State = (State ?? RunState.New(Key.Run)).Apply(next);

    /// <summary>Takes what was appended as stored, and lets go of what can be looked up again.</summary>
    public void Stored(RunView view)
    {
        StoredView = view;
        State = State!.Light();
    }

    /// <summary>Whether an observation shows the run as it is known, and is not older: it shows nothing new. Most polls are such.</summary>
    public bool IsShownAgainBy(Observation observation) =>
        State!.CurrentDigest == observation.Snapshot.Digest
        && observation.Request is null
        && (observation.Basis == TimeBasis.Assumed || observation.ObservedAt >= State.LastObservedAt);

    /// <summary>Remembers when an observation was made that showed nothing new: what was seen before it and comes after it is older.</summary>
    public void SeeAgain(Observation observation) => State = State!.SeenAgainBy(observation);

    /// <summary>How many bytes this takes, about.</summary>
    public int Size
    {
        get
        {
            var size = 2_000 + (State?.Timeline.Length ?? 0) * 120;
            foreach (var known in (State?.Fields ?? SnapshotFields.Empty).All) size += 100 + known.Value.KeptBytes;
            return size;
        }
    }
}
