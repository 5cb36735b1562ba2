using System.Collections.Frozen;

namespace RunLedger.Domain.Runs;

/// <summary>The event types and the names under which they are stored.</summary>
public static class RunEventTypes
{
    private static readonly FrozenDictionary<Type, RunEventType> ByType = new[]
    {
        Named<RunRequested>("run_requested"),
        Named<RunQueued>("run_queued"),
        Named<RunStarted>("run_started"),
        Named<ToolCallsRequired>("tool_calls_required"),
        Named<ToolOutputsSubmitted>("tool_outputs_submitted"),
        Named<RunModified>("run_modified"),
        Named<RunCancelling>("run_cancelling"),
        Named<RunCancelled>("run_cancelled"),
        Named<RunFailed>("run_failed"),
        Named<RunCompleted>("run_completed"),
        Named<RunIncomplete>("run_incomplete"),
        Named<RunExpired>("run_expired"),
        Named<RunDetailsChanged>("run_details_changed"),
        Named<LateObservationRecorded>("late_observation_recorded"),
        Named<ContradictionObserved>("contradiction_observed"),
    }.ToFrozenDictionary(type => type.Type);

    /// <summary>All event types.</summary>
    public static IReadOnlyCollection<RunEventType> All => ByType.Values;

    /// <summary>The type of an event.</summary>
    public static RunEventType Of(RunEvent runEvent) => ByType[runEvent.GetType()];

    private static RunEventType Named<T>(string alias) where T : RunEvent => new(typeof(T), alias, $"{typeof(T).FullName}, {typeof(T).Assembly.GetName().Name}");
}

/// <summary>An event type and its stored names.</summary>
/// <param name="Type">The class.</param>
/// <param name="Alias">The name in <c>mt_events.type</c>.</param>
/// <param name="DotNetType">The name in <c>mt_events.mt_dotnet_type</c>.</param>
public sealed record RunEventType(Type Type, string Alias, string DotNetType);
