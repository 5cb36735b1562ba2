using System.Collections.Immutable;
using RunLedger.Domain.Runs;
using RunLedger.Domain.Usage;

namespace RunLedger.Postgres.Replay;

/// <summary>What the rows of a ledger's views are derived by: versions of the code, and for usage the configured dimensions.</summary>
/// <param name="Epoch">A number that changes whenever a definition does. Whoever writes views names it, and is refused if it has changed.</param>
/// <param name="RunsVersion">The version of <see cref="RunView"/>.</param>
/// <param name="UsageVersion">The version of <see cref="UsageContribution"/>.</param>
/// <param name="Dimensions">The dimensions that usage is kept by beside hour, model, assistant and kind.</param>
public sealed record LiveViews(long Epoch, int RunsVersion, int UsageVersion, ImmutableArray<ConfiguredDimension> Dimensions)
{
    /// <summary>The SQLSTATE with which a statement is refused that names another epoch than the ledger's.</summary>
    public const string OtherDefinitions = "RL001";
}

/// <summary>The versions of views' definitions that a program can write: all from 1 up to these.</summary>
/// <param name="Runs">Of <see cref="RunView"/>.</param>
/// <param name="Usage">Of <see cref="UsageContribution"/>.</param>
public sealed record ViewVersions(int Runs, int Usage)
{
    /// <summary>Those of this program.</summary>
    public static ViewVersions OfThisProgram { get; } = new(RunView.CurrentVersion, UsageContribution.Version);

    internal bool Include(LiveViews live) => live.RunsVersion <= Runs && live.UsageVersion <= Usage;
}

/// <summary>The ledger's views were switched to other definitions since those were read; nothing was written.</summary>
/// <param name="cause">The refusal of the database.</param>
public sealed class ViewsChangedException(Exception? cause) : Exception("The ledger's views are of other definitions by now.", cause);

/// <summary>Something is asked that the views do not have yet. The next host that serves rebuilds them; until then it cannot be answered.</summary>
/// <param name="asked">What is asked.</param>
public sealed class OutdatedViewException(string asked)
    : Exception($"The runs are not kept with {asked} yet: their view is being rebuilt, or is to be: runledger projections rebuild runs.");

/// <summary>A newer program has rebuilt a view by a definition that this one does not know; it must not write there.</summary>
/// <param name="message">Which view, and what to do.</param>
public sealed class NewerViewsException(string message) : Exception(message);
