using System.Collections.Frozen;
using RunLedger.Domain.Json;

namespace RunLedger.Domain.Runs.Evolution;

/// <summary>
/// Reads an event's JSON of one version as that of the next: JSON to JSON, pure, and of the event alone. Stored events are never rewritten.
/// </summary>
/// <param name="Name">The event type, e.g. <c>contradiction_observed</c>.</param>
/// <param name="Version">The version that it reads.</param>
/// <param name="Upcast">Gives the JSON of the version after it.</param>
public sealed record RunEventUpcaster(string Name, int Version, Func<JsonText, JsonText> Upcast)
{
    /// <summary>The name under which the version that it reads is stored.</summary>
    public string From { get; } = RunEventTypes.AliasOf(Name, Version);

    /// <summary>The name under which the version that it gives is stored.</summary>
    public string To { get; } = RunEventTypes.AliasOf(Name, Version + 1);
}

/// <summary>The upcasters of all versions that are no longer written, one for each.</summary>
public static class RunEventUpcasters
{
    private static readonly FrozenDictionary<string, RunEventUpcaster> ByAlias = new[]
    {
        new RunEventUpcaster("contradiction_observed", 1, ContradictionObservedV1.Upcast),
    }.ToFrozenDictionary(upcaster => upcaster.From, StringComparer.Ordinal);

    /// <summary>All upcasters.</summary>
    public static IReadOnlyCollection<RunEventUpcaster> All => ByAlias.Values;

    /// <summary>The upcaster of a stored event; null if it is of a version that is written today, or of no known type.</summary>
    /// <param name="alias">The name under which the event is stored.</param>
    public static RunEventUpcaster? Of(string alias) => ByAlias.GetValueOrDefault(alias);
}
