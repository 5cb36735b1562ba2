using System.Collections.Frozen;
using System.Globalization;

namespace RunLedger.Domain.Runs;

/// <summary>
/// The event types and the names under which they are stored. The first version of a type is stored under its name, later ones with the version as
/// Marten writes it (<c>MapEventTypeWithSchemaVersion</c>): <c>contradiction_observed_v2</c>.
/// </summary>
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
        Named<ContradictionObserved>("contradiction_observed", version: 2),
    }.ToFrozenDictionary(type => type.Type);

    /// <summary>All event types.</summary>
    public static IReadOnlyCollection<RunEventType> All => ByType.Values;

    /// <summary>The type of an event.</summary>
    public static RunEventType Of(RunEvent runEvent) => ByType[runEvent.GetType()];

    /// <summary>The names under which the versions of a type are stored, the first version's first; none for no known type.</summary>
    public static IEnumerable<string> AliasesOf(string name) =>
        All.Where(type => type.Name == name).SelectMany(type => Enumerable.Range(1, type.Version).Select(version => AliasOf(name, version)));

    /// <summary>The name under which a version of a type is stored.</summary>
    public static string AliasOf(string name, int version) => version == 1 ? name : string.Create(CultureInfo.InvariantCulture, $"{name}_v{version}");

    private static RunEventType Named<T>(string name, int version = 1) where T : RunEvent =>
        new(typeof(T), name, version, AliasOf(name, version), $"{typeof(T).FullName}, {typeof(T).Assembly.GetName().Name}");
}

/// <summary>An event type, as it is written today.</summary>
/// <param name="Type">The class.</param>
/// <param name="Name">Its name, whatever the version: what users read.</param>
/// <param name="Version">The version of its JSON, from 1.</param>
/// <param name="Alias">The name in <c>mt_events.type</c>.</param>
/// <param name="DotNetType">The name in <c>mt_events.mt_dotnet_type</c>.</param>
public sealed record RunEventType(Type Type, string Name, int Version, string Alias, string DotNetType);
