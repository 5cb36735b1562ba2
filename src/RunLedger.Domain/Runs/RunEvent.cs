using System.Collections.Immutable;
using RunLedger.Domain.Json;
using RunLedger.Domain.Usage;

namespace RunLedger.Domain.Runs;

/// <summary>Something that happened to a run, as far as an observation showed it.</summary>
/// <param name="Sighting">When it happened, and how that is known.</param>
/// <param name="Changes">The fields that it set and removed.</param>
public abstract record RunEvent(Sighting Sighting, FieldChanges Changes)
{
    /// <summary>
    /// On the last event of an observation: the digest of the snapshot that was observed. The events since the previous one that
    /// closes belong to the same observation.
    /// </summary>
    public Digest? Closes { get; init; }

    /// <summary>
    /// On a request that was answered with a snapshot that stands in the record already: the version at which it stands. Null otherwise, and in events of
    /// programs that did not tell.
    /// </summary>
    public long? Answered { get; init; }

    /// <summary>
    /// Whether the event's changes are kept beside the run's current fields instead of in them: its snapshot is the current fields with the
    /// changes made, but the run does not move.
    /// </summary>
    public virtual bool IsAside => false;

    /// <summary>The large value that the event carries besides its changes, if any.</summary>
    internal virtual FieldValue? Attachment => null;

    /// <summary>The values of the event that are stored by reference.</summary>
    public IEnumerable<FieldValue.Large> LargeValues()
    {
        foreach (var field in Changes.Set)
            if (field.Value is FieldValue.Large large) yield return large;
        if (Attachment is FieldValue.Large attached) yield return attached;
        if (this is RunModified { OldMetadata: FieldValue.Large old }) yield return old;
    }
}

/// <summary>When an event happened, when that was seen, and by which way it became known.</summary>
/// <param name="OccurredAt">When it happened: the API's own timestamp where the snapshot has one, else the observation's. UTC.</param>
/// <param name="ObservedAt">When the observation was made. UTC.</param>
/// <param name="Evidence">Whether the observation showed the event itself.</param>
/// <param name="Source">The way of the observation, e.g. <c>poll</c>.</param>
public sealed record Sighting(DateTimeOffset OccurredAt, DateTimeOffset ObservedAt, Evidence Evidence, string Source);

/// <summary>How an event is known.</summary>
public enum Evidence
{
    /// <summary>The observed snapshot shows it.</summary>
    Seen,

    /// <summary>It must have happened between two observations, by what the later one shows.</summary>
    Inferred,
}

/// <summary>A create-run request was captured.</summary>
/// <param name="Sighting">When it happened, and how that is known.</param>
/// <param name="Request">The CreateRunRequest, or the request body of the Responses API, as sent.</param>
public sealed record RunRequested(Sighting Sighting, FieldValue Request) : RunEvent(Sighting, FieldChanges.None)
{
    internal override FieldValue Attachment => Request;
}

/// <summary>The run was seen for the first time, or went back to the queue. At first sight it carries the run's configuration.</summary>
/// <param name="Sighting">When it happened, and how that is known.</param>
/// <param name="Changes">The fields that it set and removed.</param>
public sealed record RunQueued(Sighting Sighting, FieldChanges Changes) : RunEvent(Sighting, Changes);

/// <summary>The run is in progress; again after each submission of tool outputs.</summary>
/// <param name="Sighting">When it happened, and how that is known.</param>
/// <param name="Changes">The fields that it set and removed.</param>
public sealed record RunStarted(Sighting Sighting, FieldChanges Changes) : RunEvent(Sighting, Changes);

/// <summary>The run calls tools that it had not called before.</summary>
/// <param name="Sighting">When it happened, and how that is known.</param>
/// <param name="ToolCalls">The new calls; their arguments are in <paramref name="Changes"/>.</param>
/// <param name="Changes">The fields that it set and removed.</param>
public sealed record ToolCallsRequired(Sighting Sighting, ImmutableArray<ToolCall> ToolCalls, FieldChanges Changes) : RunEvent(Sighting, Changes);

/// <summary>Tool outputs were submitted: the request was captured, or the run moved on, which it does only then.</summary>
/// <param name="Sighting">When it happened, and how that is known.</param>
/// <param name="Request">The SubmitToolOutputsRunRequest with the outputs, where it was captured.</param>
/// <param name="Changes">The fields that it set and removed.</param>
public sealed record ToolOutputsSubmitted(Sighting Sighting, FieldValue? Request, FieldChanges Changes) : RunEvent(Sighting, Changes)
{
    internal override FieldValue? Attachment => Request;
}

/// <summary>The run's metadata changed, or a ModifyRunRequest was captured.</summary>
/// <param name="Sighting">When it happened, and how that is known.</param>
/// <param name="OldMetadata">The metadata before; null if there was none, or if it did not change.</param>
/// <param name="Request">The ModifyRunRequest, where it was captured.</param>
/// <param name="Changes">The fields that it set and removed.</param>
public sealed record RunModified(Sighting Sighting, FieldValue? OldMetadata, FieldValue? Request, FieldChanges Changes) : RunEvent(Sighting, Changes)
{
    internal override FieldValue? Attachment => Request;
}

/// <summary>The run is being cancelled.</summary>
/// <param name="Sighting">When it happened, and how that is known.</param>
/// <param name="Changes">The fields that it set and removed.</param>
public sealed record RunCancelling(Sighting Sighting, FieldChanges Changes) : RunEvent(Sighting, Changes);

/// <summary>The run was cancelled.</summary>
/// <param name="Sighting">When it happened, and how that is known.</param>
/// <param name="Changes">The fields that it set and removed.</param>
public sealed record RunCancelled(Sighting Sighting, FieldChanges Changes) : RunEvent(Sighting, Changes);

/// <summary>The run failed; <c>last_error</c> says why.</summary>
/// <param name="Sighting">When it happened, and how that is known.</param>
/// <param name="Changes">The fields that it set and removed.</param>
public sealed record RunFailed(Sighting Sighting, FieldChanges Changes) : RunEvent(Sighting, Changes)
{
    /// <summary>Why it failed; null if the API did not say.</summary>
    public RunError? Error => RunError.Read(Changes["last_error"] ?? Changes["error"]);
}

/// <summary>The run completed.</summary>
/// <param name="Sighting">When it happened, and how that is known.</param>
/// <param name="Changes">The fields that it set and removed.</param>
public sealed record RunCompleted(Sighting Sighting, FieldChanges Changes) : RunEvent(Sighting, Changes)
{
    /// <summary>The tokens that the run used; null if the API did not say.</summary>
    public TokenUsage? Usage => TokenUsage.Read(Changes["usage"]);
}

/// <summary>The run ended at a token limit; <c>incomplete_details</c> says which.</summary>
/// <param name="Sighting">When it happened, and how that is known.</param>
/// <param name="Changes">The fields that it set and removed.</param>
public sealed record RunIncomplete(Sighting Sighting, FieldChanges Changes) : RunEvent(Sighting, Changes)
{
    /// <summary>Which limit was reached, e.g. <c>max_completion_tokens</c>; null if the API did not say.</summary>
    public string? Reason => Changes["incomplete_details"]?.Property("reason"u8)?.AsString();

    /// <summary>The tokens that the run used; null if the API did not say.</summary>
    public TokenUsage? Usage => TokenUsage.Read(Changes["usage"]);
}

/// <summary>The run expired: tool outputs were not submitted in time.</summary>
/// <param name="Sighting">When it happened, and how that is known.</param>
/// <param name="Changes">The fields that it set and removed.</param>
public sealed record RunExpired(Sighting Sighting, FieldChanges Changes) : RunEvent(Sighting, Changes);

/// <summary>Other fields changed: those in <paramref name="Changes"/>, among them a status that nobody knows yet.</summary>
/// <param name="Sighting">When it happened, and how that is known.</param>
/// <param name="Changes">The fields that it set and removed.</param>
public sealed record RunDetailsChanged(Sighting Sighting, FieldChanges Changes) : RunEvent(Sighting, Changes);

/// <summary>An observation arrived that is older than what was known: the run does not move, but what it shows is kept.</summary>
/// <param name="Sighting">When it happened, and how that is known.</param>
/// <param name="ToolCalls">Tool calls that no other observation had shown.</param>
/// <param name="Changes">What has to change in the run's current fields to become the late snapshot.</param>
public sealed record LateObservationRecorded(Sighting Sighting, ImmutableArray<ToolCall> ToolCalls, FieldChanges Changes) : RunEvent(Sighting, Changes)
{
    /// <summary>
    /// When the run had been seen again as it is known, after this observation was made. UTC. Null where what is recorded tells that this one is older.
    /// </summary>
    public DateTimeOffset? SeenAgainAt { get; init; }

    /// <inheritdoc/>
    public override bool IsAside => true;
}

/// <summary>A snapshot contradicts the record. Where <see cref="Withheld"/>, the run does not move and the snapshot is kept beside it.</summary>
/// <param name="Sighting">When it happened, and how that is known.</param>
/// <param name="Contradictions">What was recorded and what was observed.</param>
/// <param name="Withheld">Whether the whole snapshot is kept beside the record, because it would undo an end that was recorded.</param>
/// <param name="Changes">Where withheld: what has to change in the run's current fields to become the snapshot. Otherwise nothing.</param>
public sealed record ContradictionObserved(Sighting Sighting, ImmutableArray<Contradiction> Contradictions, bool Withheld, FieldChanges Changes)
    : RunEvent(Sighting, Changes)
{
    /// <inheritdoc/>
    public override bool IsAside => Withheld;
}
