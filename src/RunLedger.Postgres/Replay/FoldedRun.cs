using RunLedger.Domain.Runs;
using RunLedger.Postgres.Recording;

namespace RunLedger.Postgres.Replay;

/// <summary>A run while its events are folded.</summary>
internal sealed class FoldedRun(RunKey key)
{
    /// <summary>The run.</summary>
    public RunKey Key { get; } = key;

    /// <summary>The state; null if it is not known, so that the run is to be recomputed.</summary>
    public RunState? State { get; private set; } = RunState.New(key.Run);

    /// <summary>How many bytes this takes at most, about.</summary>
    public int Size { get; private set; } = 1_000;

    /// <summary>Forgets the state.</summary>
    public void Abandon() => State = null;

    /// <summary>Folds the next event.</summary>
    /// <exception cref="InvalidDataException">The event is not the next one, or cannot be read: the ledger is damaged.</exception>
    public void Apply(long version, string type, Domain.Json.JsonText data)
    {
        if (version != State!.Version + 1)
            throw new InvalidDataException($"The ledger is damaged: in {Key.Run} of tenant {Key.Tenant}, event {version} follows event {State.Version}. See: runledger projections verify");
        State = State.Apply(RunEventJson.ReadForViews(type, data));
        Size += data.Utf8.Length;
    }
}

/// <summary>
/// The runs whose events are being read, by how long ago the last one came: what got none while many others did goes first. Events of a run stand
/// mostly close together, so that few runs come back after that.
/// </summary>
internal sealed class FoldedRuns(int mostRuns, long mostBytes)
{
    private Dictionary<RunKey, FoldedRun> _young = [];
    private Dictionary<RunKey, FoldedRun> _old = [];
    private long _youngBytes;

    /// <summary>All runs.</summary>
    public IEnumerable<FoldedRun> All => _young.Values.Concat(_old.Values);

    /// <summary>The run, if it is here.</summary>
    public FoldedRun? Find(RunKey key)
    {
        if (_young.TryGetValue(key, out var run)) return run;
        if (!_old.Remove(key, out run)) return null;
        Add(run);
        return run;
    }

    /// <summary>Adds a run.</summary>
    public void Add(FoldedRun run)
    {
        _young.Add(run.Key, run);
        _youngBytes += run.Size;
    }

    /// <summary>Counts what a run has grown by.</summary>
    public void Grown(int bytes) => _youngBytes += bytes;

    /// <summary>The runs that are let go of because there is no room for more; none while there is.</summary>
    public IReadOnlyCollection<FoldedRun> MakeRoom()
    {
        if (_young.Count < mostRuns / 2 && _youngBytes < mostBytes / 2) return [];
        var gone = _old;
        (_old, _young, _youngBytes) = (_young, [], 0);
        return gone.Values;
    }

    /// <summary>Lets go of all runs.</summary>
    public IReadOnlyCollection<FoldedRun> Clear()
    {
        var gone = All.ToList();
        (_old, _young, _youngBytes) = ([], [], 0);
        return gone;
    }
}
