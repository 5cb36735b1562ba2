using System.Collections.Immutable;
using RunLedger.Domain.Json;
using RunLedger.Domain.Observations;
using RunLedger.Domain.Usage;

namespace RunLedger.Domain.Runs;

/// <summary>What is known of a run: the fold of its events.</summary>
public sealed record RunState
{
    /// <summary>The run's id.</summary>
    public required RunId Id { get; init; }

    /// <summary>The number of events folded, which is the version of the run's stream.</summary>
    public long Version { get; init; }

    /// <summary>The run's fields as last observed; large values as references.</summary>
    public SnapshotFields Fields { get; init; } = SnapshotFields.Empty;

    /// <summary>The recorded observations in the order of the times at which they were made.</summary>
    public ImmutableArray<RecordedObservation> Timeline { get; init; } = [];

    /// <summary>The tool calls seen so far, by id.</summary>
    public ImmutableDictionary<string, ToolCall> ToolCalls { get; init; } = ImmutableDictionary.Create<string, ToolCall>(StringComparer.Ordinal);

    /// <summary>The identities of the requests captured so far: digests of their kinds and bodies.</summary>
    public ImmutableHashSet<Digest> Requests { get; init; } = [];

    /// <summary>When the run was created, by the first observation of it. UTC.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>When the run ended; null while it has not. UTC.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>
    /// When the newest observation that moved the run was made. UTC. What was seen of a live run after the time at which its end was seen does not
    /// count: some clock was wrong there, and only what is newer than the end may move the run on.
    /// </summary>
    public DateTimeOffset LastObservedAt { get; init; }

    /// <summary>
    /// When the run was last seen as it is known, by an observation that showed nothing new. UTC. No event tells of it, so that it is known while the
    /// state is in memory, until a <see cref="LateObservationRecorded"/> that was made before it tells. Null if it was not seen so.
    /// </summary>
    public DateTimeOffset? SeenAgainAt { get; init; }

    /// <summary>The digest of the snapshot that <see cref="Fields"/> is.</summary>
    public Digest CurrentDigest { get; init; }

    /// <summary>How many observations arrived late.</summary>
    public int LateObservations { get; init; }

    /// <summary>How many observations contradicted the record.</summary>
    public int Contradictions { get; init; }

    /// <summary>Which API's object the run is.</summary>
    public RunKind Kind => RunKinds.Parse(Fields["object"]?.AsString()) ?? RunKind.ThreadRun;

    /// <summary>The run's status, in the API's words.</summary>
    public string? Status => Fields["status"]?.AsString();

    /// <summary>Whether the run has ended.</summary>
    public bool HasEnded => RunStatuses.IsTerminal(Status);

    /// <summary>The tokens used; null while the API has not said.</summary>
    public TokenUsage? Usage => TokenUsage.Read(Fields["usage"]);

    /// <summary>The version at which the run's current snapshot is given back.</summary>
    public long CurrentVersion => Timeline[CurrentIndex].Version;

    private int CurrentIndex
    {
        get
        {
            for (var i = Timeline.Length - 1; ; i--)
                if (Timeline[i].Digest == CurrentDigest && Timeline[i].Standing == Standing.Current) return i;
        }
    }

    /// <summary>The state of a run of which nothing is known yet.</summary>
    public static RunState New(RunId id) => new() { Id = id };

    /// <summary>The state after these events.</summary>
    public static RunState Fold(RunId id, IEnumerable<RunEvent> events) => events.Aggregate(New(id), (state, next) => state.Apply(next));

    /// <summary>The state after one more event.</summary>
    public RunState Apply(RunEvent next)
    {
        var state = Kinds(next) with { Version = Version + 1, Fields = next.IsAside ? Fields : Fields.With(next.Changes) };
        return next.Closes is { } digest ? state.Closed(next, digest) : state;
    }

    /// <summary>The state once an observation of the run as it is known was made. No event tells of it: see <see cref="SeenAgainAt"/>.</summary>
    public RunState SeenAgainBy(Observation observation) =>
        observation.Basis == TimeBasis.Stated ? SeenAgain(observation.Snapshot.Digest, observation.ObservedAt) : this;

    /// <summary>The state once a run that is known by a snapshot was seen so at a time. No event tells of it: see <see cref="SeenAgainAt"/>.</summary>
    /// <param name="digest">The snapshot's digest.</param>
    /// <param name="seenAgainAt">When it was seen. UTC.</param>
    public RunState SeenAgain(Digest digest, DateTimeOffset seenAgainAt) =>
        digest == CurrentDigest && seenAgainAt > (SeenAgainAt ?? LastObservedAt) ? this with { SeenAgainAt = seenAgainAt } : this;

    /// <summary>The same state, cheap to keep: contents that can be looked up are forgotten.</summary>
    public RunState Light() => this with { Fields = Fields.Light() };

    /// <summary>
    /// What of the state tells whether an observation shows the run as it is known, and no more: nothing else can be decided on it.
    /// </summary>
    public RunState AtRest() => new()
    {
        Id = Id,
        Version = Version,
        Timeline = [Timeline[CurrentIndex]],
        LastObservedAt = LastObservedAt,
        SeenAgainAt = SeenAgainAt,
        CurrentDigest = CurrentDigest,
    };

    private RunState Kinds(RunEvent next) => next switch
    {
        RunRequested { Request: var request } => Requested(RequestKind.Create, request),
        ToolOutputsSubmitted { Request: { } request } => Requested(RequestKind.SubmitToolOutputs, request),
        RunModified { Request: { } request } => Requested(RequestKind.Modify, request),
        RunQueued when CreatedAt == default => this with { CreatedAt = next.Sighting.OccurredAt },
        ToolCallsRequired { ToolCalls: var calls } => Called(calls),
        LateObservationRecorded { ToolCalls: var calls } => Called(calls) with { LateObservations = LateObservations + 1 },
        ContradictionObserved => this with { Contradictions = Contradictions + 1 },
        RunCancelled or RunFailed or RunCompleted or RunIncomplete or RunExpired => this with { EndedAt = EndedAt ?? next.Sighting.OccurredAt },
        _ => this,
    };

    private RunState Requested(RequestKind kind, FieldValue request) => this with { Requests = Requests.Add(RequestKey.Of(kind, request)) };

    private RunState Called(ImmutableArray<ToolCall> calls) =>
        this with { ToolCalls = ToolCalls.SetItems(calls.Where(call => !ToolCalls.ContainsKey(call.Id)).Select(call => KeyValuePair.Create(call.Id, call))) };

    private RunState Closed(RunEvent last, Digest digest)
    {
        var standing = last switch
        {
            LateObservationRecorded => Standing.Late,
            { IsAside: true } => Standing.Withheld,
            _ => Standing.Current,
        };
        if (standing == Standing.Current && digest == CurrentDigest) return this;

        var showsEnd = RunStatuses.IsTerminal((last.Changes["status"] ?? Fields["status"])?.AsString());
        var recorded = new RecordedObservation(last.Sighting.ObservedAt, Version, digest, standing, showsEnd);
        var timeline = With(Timeline, recorded);
        if (last is LateObservationRecorded { SeenAgainAt: { } seenAgainAt })
        {
            var again = new RecordedObservation(seenAgainAt, CurrentVersion, CurrentDigest, Standing.Current, HasEnded);
            return this with { Timeline = With(timeline, again), LastObservedAt = seenAgainAt };
        }
        if (standing != Standing.Current) return this with { Timeline = timeline };
        var endsRun = showsEnd && !Timeline.Any(earlier => earlier.ShowsEnd);
        var lastObservedAt = endsRun || recorded.ObservedAt > LastObservedAt ? recorded.ObservedAt : LastObservedAt;
        return this with { Timeline = timeline, CurrentDigest = digest, LastObservedAt = lastObservedAt, SeenAgainAt = null };
    }

    private static ImmutableArray<RecordedObservation> With(ImmutableArray<RecordedObservation> timeline, RecordedObservation recorded)
    {
        var at = timeline.Length;
        while (at > 0 && recorded.Precedes(timeline[at - 1])) at--;
        return timeline.Insert(at, recorded);
    }
}

/// <summary>An observation that is in the record.</summary>
/// <param name="ObservedAt">When it was made. UTC.</param>
/// <param name="Version">The version of the run's stream at which its snapshot is given back.</param>
/// <param name="Digest">The digest of its snapshot.</param>
/// <param name="Standing">Whether it moved the run.</param>
/// <param name="ShowsEnd">Whether its snapshot shows that the run has ended.</param>
public readonly record struct RecordedObservation(DateTimeOffset ObservedAt, long Version, Digest Digest, Standing Standing, bool ShowsEnd)
{
    /// <summary>Whether this one stands before one that was recorded earlier; of two made at the same time, a late one does.</summary>
    public bool Precedes(RecordedObservation earlier) =>
        ObservedAt < earlier.ObservedAt || (ObservedAt == earlier.ObservedAt && Standing == Standing.Late);
}

/// <summary>How an observation stands to the record.</summary>
public enum Standing
{
    /// <summary>It showed the run as it then was, and moved it.</summary>
    Current,

    /// <summary>It was older than what was known.</summary>
    Late,

    /// <summary>It contradicted the run's end, and is kept beside the record.</summary>
    Withheld,
}

/// <summary>The statuses by which decisions are made.</summary>
public static class RunStatuses
{
    /// <summary>Whether a run with this status has ended; an unknown status has not.</summary>
    public static bool IsTerminal(string? status) => status is "cancelled" or "failed" or "completed" or "incomplete" or "expired";
}

/// <summary>The identity of a captured request within its run.</summary>
internal static class RequestKey
{
    /// <summary>The digest of the request's kind and of its stored text, or of its content where it is large.</summary>
    public static Digest Of(RequestKind kind, FieldValue request)
    {
        var body = request is FieldValue.Large large ? large.Reference.Sha256 : CanonicalJson.DigestOf(request.Text!.Value);
        return Digest.Of([(byte)kind, .. body.ToArray()]);
    }
}
