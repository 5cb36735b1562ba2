using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Npgsql;
using RunLedger.Domain.Usage;

namespace RunLedger.Postgres.Replay;

/// <summary>The ledger's views as projections of its events: what they are of, and how they are made anew from all events.</summary>
public sealed class Projections(NpgsqlDataSource dataSource, ViewRegister views, ILogger logger)
{
    // Somebody who verifies may be killed at it: whoever waits looks again.
    private static readonly TimeSpan LongestWaitForOthers = TimeSpan.FromSeconds(30);

    /// <summary>How the views are, and the rebuild under way.</summary>
    public Task<ProjectionStatus> StatusAsync(CancellationToken cancellationToken) => ProjectionStatus.ReadAsync(dataSource, views.Known, cancellationToken);

    /// <summary>What the rebuild of views takes of disk, and what is free, as far as one can know.</summary>
    public Task<DiskNeed> DiskNeedAsync(RebuildTarget target, CancellationToken cancellationToken) => DiskNeed.OfAsync(dataSource, target, cancellationToken);

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
        var (_, begun) = await DueAsync(TimeSpan.Zero, cancellationToken);
        var differences = names.ToDictionary(name => name, _ => 0L);
        var verification = await new ViewVerifier(dataSource, views, new ReplayLimits()).VerifyAsync(
            names,
            difference =>
            {
                foreach (var name in names)
                    if (difference.In == name || difference.In == Difference.Events) differences[name]++;
                found(difference);
            },
            tell,
            cancellationToken);
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await connection.ExecuteAsync(
            "Replay/record_verification.sql",
            [
                QueryParameter.Time(begun),
                new NpgsqlParameter<string[]> { TypedValue = [.. differences.Keys] },
                new NpgsqlParameter<long[]> { TypedValue = [.. differences.Values] },
            ],
            cancellationToken);
        ReplayMetrics.Verified(differences, verification);
        return verification;
    }

    /// <summary>
    /// Verifies all views, unless somebody has within an interval or is at it: of several hosts that ask, one does. One that dies on the way lets another do it.
    /// </summary>
    /// <param name="interval">How often views are to be verified.</param>
    /// <param name="found">Is told each difference.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="NewerViewsException">A view is of a newer program.</exception>
    public async Task<VerificationTurn> VerifyInTurnAsync(TimeSpan interval, Action<Difference> found, CancellationToken cancellationToken)
    {
        await using var held = await SessionLock.TryTakeAsync(dataSource, SessionLock.Verification, logger, cancellationToken);
        if (held is null) return new VerificationTurn(null, interval < LongestWaitForOthers ? interval : LongestWaitForOthers);
        var verification = (await DueAsync(interval, cancellationToken)).Wait > TimeSpan.Zero ? null
            : await VerifyAsync([ViewNames.Runs, ViewNames.Usage], found, _ => { }, cancellationToken);
        // What others have found is what there is: whoever measures hears of it from every host.
        foreach (var view in (await StatusAsync(cancellationToken)).Views)
            if (view.Differences is { } differences) ReplayMetrics.Found(view.Name, differences);
        var (wait, _) = await DueAsync(interval, cancellationToken);
        return new VerificationTurn(verification, wait > TimeSpan.Zero ? wait : TimeSpan.Zero);
    }

    private async Task<(TimeSpan Wait, DateTimeOffset Now)> DueAsync(TimeSpan interval, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        return await connection.AskAsync(
            "Replay/verification_due.sql",
            [new NpgsqlParameter<double> { TypedValue = interval.TotalSeconds }],
            row => (TimeSpan.FromSeconds(row.GetDouble(0)), row.GetFieldValue<DateTimeOffset>(1)),
            cancellationToken);
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
    /// <exception cref="UncarriedObjectsException">The switch would lose what others have put upon a view's table; the message names it.</exception>
    /// <exception cref="InvalidDataException">The ledger is damaged; the message names the run.</exception>
    public Task RebuildAsync(RebuildTarget target, Action<RebuildProgress> tell, CancellationToken cancellationToken, ReplayLimits? limits = null) =>
        new ViewRebuilder(dataSource, views, limits ?? new ReplayLimits(), logger).RebuildAsync(target, tell, cancellationToken);
}
