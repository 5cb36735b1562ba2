using Marten.Events.Aggregation;
using RunLedger.Domain.Runs;

namespace RunLedger.Marten.Projections;

/// <summary>A run as a Marten document: live with <c>AggregateStreamAsync</c>, or a snapshot that <see cref="RunSummaryProjection"/> keeps.</summary>
public sealed class RunSummary
{
    /// <summary>The run's id, which is its stream's key.</summary>
    public string Id { get; set; } = "";

    /// <summary>The status, in the API's words; null while none was seen.</summary>
    public string? Status { get; set; }

    /// <summary>The model.</summary>
    public string? Model { get; set; }

    /// <summary>The assistant.</summary>
    public string? AssistantId { get; set; }

    /// <summary>The thread of a run.</summary>
    public string? ThreadId { get; set; }

    /// <summary>When it was first observed. UTC.</summary>
    public DateTimeOffset? FirstObservedAt { get; set; }

    /// <summary>When it ended; null while it has not. UTC.</summary>
    public DateTimeOffset? EndedAt { get; set; }

    /// <summary>The tool calls that it made.</summary>
    public int ToolCalls { get; set; }

    internal void Take(RunEvent happened)
    {
        FirstObservedAt ??= happened.Sighting.ObservedAt;
        if (happened.IsAside) return; // A late or contradicting observation does not move the run.
        Status = happened.Changes["status"]?.AsString() ?? Status;
        Model = happened.Changes["model"]?.AsString() ?? Model;
        AssistantId = happened.Changes["assistant_id"]?.AsString() ?? AssistantId;
        ThreadId = happened.Changes["thread_id"]?.AsString() ?? ThreadId;
    }

    internal void End(RunEvent end)
    {
        Take(end);
        EndedAt = end.Sighting.OccurredAt;
    }
}

/// <summary>Folds a run's events into its <see cref="RunSummary"/>: register it inline or asynchronous for a snapshot, or live for none.</summary>
public sealed partial class RunSummaryProjection : SingleStreamProjection<RunSummary, string>
{
    /// <summary>A create request was captured.</summary>
    public static void Apply(RunRequested happened, RunSummary run) => run.Take(happened);

    /// <summary>The run is queued.</summary>
    public static void Apply(RunQueued happened, RunSummary run) => run.Take(happened);

    /// <summary>The run is in progress.</summary>
    public static void Apply(RunStarted happened, RunSummary run) => run.Take(happened);

    /// <summary>The run calls tools.</summary>
    public static void Apply(ToolCallsRequired happened, RunSummary run)
    {
        run.Take(happened);
        run.ToolCalls += happened.ToolCalls.Length;
    }

    /// <summary>Tool outputs were submitted.</summary>
    public static void Apply(ToolOutputsSubmitted happened, RunSummary run) => run.Take(happened);

    /// <summary>The metadata changed.</summary>
    public static void Apply(RunModified happened, RunSummary run) => run.Take(happened);

    /// <summary>The run is being cancelled.</summary>
    public static void Apply(RunCancelling happened, RunSummary run) => run.Take(happened);

    /// <summary>Any other field changed.</summary>
    public static void Apply(RunDetailsChanged happened, RunSummary run) => run.Take(happened);

    /// <summary>An observation came late.</summary>
    public static void Apply(LateObservationRecorded happened, RunSummary run)
    {
        run.Take(happened);
        run.ToolCalls += happened.ToolCalls.Length;
    }

    /// <summary>An observation contradicts the record.</summary>
    public static void Apply(ContradictionObserved happened, RunSummary run) => run.Take(happened);

    /// <summary>The run completed.</summary>
    public static void Apply(RunCompleted end, RunSummary run) => run.End(end);

    /// <summary>The run failed.</summary>
    public static void Apply(RunFailed end, RunSummary run) => run.End(end);

    /// <summary>The run was cancelled.</summary>
    public static void Apply(RunCancelled end, RunSummary run) => run.End(end);

    /// <summary>The run ended at a limit.</summary>
    public static void Apply(RunIncomplete end, RunSummary run) => run.End(end);

    /// <summary>The run expired.</summary>
    public static void Apply(RunExpired end, RunSummary run) => run.End(end);
}
