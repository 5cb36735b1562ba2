using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Npgsql;
using RunLedger.Domain.Usage;

namespace RunLedger.Postgres.Replay;

/// <summary>The ledger's views as projections of its events: what they are of, and how they are made anew from all events.</summary>
public sealed class Projections(NpgsqlDataSource dataSource, ViewRegister views, ILogger logger)
{
    /// <summary>How the views are, and the rebuild under way.</summary>
    public Task<ProjectionStatus> StatusAsync(CancellationToken cancellationToken) => ProjectionStatus.ReadAsync(dataSource, views.Known, cancellationToken);

    /// <summary>What the rebuild of views takes of disk beside the live ones until the switch, in bytes, about.</summary>
    public async Task<long> DiskNeedAsync(RebuildTarget target, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        var (runs, usage) = await connection.AskAsync("Replay/size_of_views.sql", [], row => (row.GetInt64(0), row.GetInt64(1)), cancellationToken);
        return (target.Runs ? runs : 0) + (target.Usage ? usage : 0);
    }

    /// <summary>The views of these names by the definitions of this program.</summary>
    /// <param name="names">Any of <see cref="ViewNames"/>.</param>
    /// <param name="dimensions">The dimensions that usage is to be kept by; null for those that it is kept by already.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<RebuildTarget> TargetAsync(
        IReadOnlyCollection<string> names, ImmutableArray<ConfiguredDimension>? dimensions, CancellationToken cancellationToken)
    {
        views.Forget();
        var live = await views.LiveAsync(cancellationToken);
        return new RebuildTarget(names.Contains(ViewNames.Runs), names.Contains(ViewNames.Usage), views.Known, dimensions ?? live.Dimensions);
    }

    /// <summary>Recomputes views from all events and compares, in one snapshot of the ledger; reads and appends go on meanwhile.</summary>
    /// <param name="names">Which; any of <see cref="ViewNames"/>. That no event is lost is looked at in any case.</param>
    /// <param name="found">Is told each difference.</param>
    /// <param name="tell">Is told how far it is.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="NewerViewsException">A view is of a newer program.</exception>
    public async Task<Verification> VerifyAsync(
        IReadOnlyCollection<string> names, Action<Difference> found, Action<VerifyProgress> tell, CancellationToken cancellationToken)
    {
        var verification = await new ViewVerifier(dataSource, views, new ReplayLimits()).VerifyAsync(names, found, tell, cancellationToken);
        ReplayMetrics.Verified(names, verification);
        return verification;
    }

    /// <summary>
    /// What is to be rebuilt so that all views are as this program and its settings make them; else the rebuild that was interrupted. Null if nothing is.
    /// </summary>
    /// <param name="dimensions">The dimensions that the settings name.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<RebuildTarget?> DueAsync(ImmutableArray<ConfiguredDimension> dimensions, CancellationToken cancellationToken)
    {
        views.Forget();
        if (RebuildTarget.Of(await views.LiveAsync(cancellationToken), views.Known, dimensions) is { } due) return due;
        return (await StatusAsync(cancellationToken)).Rebuild is { IsRunning: false, Target: { } left } && left.Versions == views.Known ? left : null;
    }

    /// <summary>Rebuilds views from all events; reads and appends go on meanwhile. A rebuild of the same that was interrupted is taken up again.</summary>
    /// <param name="target">Which views, by which definitions.</param>
    /// <param name="tell">Is told how far it is.</param>
    /// <param name="cancellationToken">Interrupts the rebuild; the next one goes on where it was.</param>
    /// <param name="limits">What it may take; null for the usual.</param>
    /// <exception cref="RebuildUnderWayException">Somebody rebuilds already.</exception>
    /// <exception cref="InvalidDataException">The ledger is damaged; the message names the run.</exception>
    public Task RebuildAsync(RebuildTarget target, Action<RebuildProgress> tell, CancellationToken cancellationToken, ReplayLimits? limits = null) =>
        new ViewRebuilder(dataSource, views, limits ?? new ReplayLimits(), logger).RebuildAsync(target, tell, cancellationToken);
}
