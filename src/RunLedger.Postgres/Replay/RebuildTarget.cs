using System.Collections.Immutable;
using RunLedger.Domain.Usage;

namespace RunLedger.Postgres.Replay;

/// <summary>Which views are rebuilt, and by which definitions.</summary>
/// <param name="Runs">Whether the run views are.</param>
/// <param name="Usage">Whether usage is.</param>
/// <param name="Versions">The versions of the code.</param>
/// <param name="Dimensions">The dimensions that usage is to be kept by beside hour, model, assistant and kind.</param>
public sealed record RebuildTarget(bool Runs, bool Usage, ViewVersions Versions, ImmutableArray<ConfiguredDimension> Dimensions)
{
    /// <summary>Which of a ledger's views are not as this program and its settings make them; null if all are.</summary>
    /// <param name="live">What the views are of.</param>
    /// <param name="known">The versions of the program. A view of a newer one is left as it is.</param>
    /// <param name="dimensions">
    /// The dimensions that the settings name. Those that usage is kept by already are kept too, so that hosts with different settings do not undo each
    /// other's; to be rid of one, rebuild usage by name.
    /// </param>
    public static RebuildTarget? Of(LiveViews live, ViewVersions known, ImmutableArray<ConfiguredDimension> dimensions)
    {
        var lacking = dimensions.Where(dimension => !live.Dimensions.Contains(dimension)).ToList();
        var runs = live.RunsVersion < known.Runs;
        var usage = live.UsageVersion < known.Usage || (lacking.Count > 0 && live.UsageVersion == known.Usage);
        return runs || usage ? new RebuildTarget(runs, usage, known, [.. live.Dimensions, .. lacking]) : null;
    }

    /// <summary>The names of the views that are rebuilt.</summary>
    public IReadOnlyList<string> Names => (Runs, Usage) switch
    {
        (true, true) => [ViewNames.Runs, ViewNames.Usage],
        (true, false) => [ViewNames.Runs],
        (false, true) => [ViewNames.Usage],
        _ => [],
    };

    /// <summary>The views and what they will be of, in words.</summary>
    public override string ToString() => string.Join(" and ", Names.Select(name => name == ViewNames.Runs
        ? $"runs (version {Versions.Runs})"
        : $"usage (version {Versions.Usage}{string.Concat(Dimensions.Select(dimension => $", by {dimension}"))})"));

    /// <inheritdoc/>
    public bool Equals(RebuildTarget? other) =>
        other is not null && (Runs, Usage) == (other.Runs, other.Usage) && Versions == other.Versions && Dimensions.SequenceEqual(other.Dimensions);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Runs, Usage, Versions, Dimensions.Length);
}
