using Npgsql;
using RunLedger.Domain.Usage;

namespace RunLedger.Postgres.Replay;

/// <summary>How the views are.</summary>
/// <param name="Views">Each view.</param>
/// <param name="Rebuild">The rebuild under way, or interrupted; null if there is none.</param>
public sealed record ProjectionStatus(IReadOnlyList<ViewStatus> Views, RebuildStatus? Rebuild)
{
    internal static async Task<ProjectionStatus> ReadAsync(NpgsqlDataSource dataSource, ViewVersions known, CancellationToken cancellationToken)
    {
        var rebuild = await RebuildStatus.ReadAsync(dataSource, cancellationToken);
        await using var command = dataSource.CreateCommand(Sql.Text("Replay/read_status.sql"));
        await using var row = await dataSource.ReadAsync(command, cancellationToken);
        var views = new List<ViewStatus>();
        while (await row.ReadAsync(cancellationToken))
        {
            var name = row.GetString(0);
            views.Add(new ViewStatus(
                name, row.GetInt32(1), name == ViewNames.Runs ? known.Runs : known.Usage, row.GetFieldValue<string[]>(2), row.GetFieldValue<DateTimeOffset?>(3))
            {
                VerifiedAt = row.GetFieldValue<DateTimeOffset?>(4),
                Differences = row.GetFieldValue<long?>(5),
            });
        }
        return new ProjectionStatus(views, rebuild);
    }
}

/// <summary>The names of views, as commands and requests have them.</summary>
public static class ViewNames
{
    /// <summary>The table <c>run_views</c>.</summary>
    public const string Runs = "runs";

    /// <summary>The table <c>usage_buckets</c>.</summary>
    public const string Usage = "usage";
}

/// <summary>A view.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Version">The version of the code by which its rows are derived.</param>
/// <param name="KnownVersion">The version of this program.</param>
/// <param name="Dimensions">The dimensions that usage is kept by beside hour, model, assistant and kind.</param>
/// <param name="RebuiltAt">When it was last rebuilt; null if never.</param>
public sealed record ViewStatus(string Name, int Version, int KnownVersion, IReadOnlyList<string> Dimensions, DateTimeOffset? RebuiltAt)
{
    /// <summary>When the last verification began that was brought to an end; null if none was.</summary>
    public DateTimeOffset? VerifiedAt { get; init; }

    /// <summary>The differences that it found in this view, and events that are lost; null if there was none.</summary>
    public long? Differences { get; init; }

    /// <summary><c>current</c>, <c>outdated</c>, which the next host that serves rebuilds, or <c>newer</c> than this program.</summary>
    public string State => Version == KnownVersion ? "current" : Version < KnownVersion ? "outdated" : "newer";
}

/// <summary>A rebuild that has not ended.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Target">What is rebuilt.</param>
/// <param name="Phase"><c>copying</c>, <c>indexing</c> or <c>catching_up</c>.</param>
/// <param name="IsRunning">Whether somebody works on it; else it was interrupted, and goes on when the same is rebuilt again.</param>
/// <param name="Progress">How far it is, as of the last chunk that was committed.</param>
/// <param name="StartedAt">When it was begun.</param>
/// <param name="UpdatedAt">When the last chunk was committed.</param>
/// <param name="Failure">Why it stopped; null if it did not, or was only interrupted.</param>
public sealed record RebuildStatus(
    long Id, RebuildTarget Target, string Phase, bool IsRunning, RebuildProgress Progress, DateTimeOffset StartedAt, DateTimeOffset UpdatedAt, string? Failure)
{
    internal static async Task<RebuildStatus?> ReadAsync(NpgsqlDataSource dataSource, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(Sql.Text("Replay/read_rebuild.sql"));
        await using var row = await dataSource.ReadAsync(command, cancellationToken);
        if (!await row.ReadAsync(cancellationToken)) return null;
        var dimensions = row.GetFieldValue<string[]>(15).Select(ConfiguredDimension.Parse).OfType<ConfiguredDimension>();
        var target = new RebuildTarget(row.GetBoolean(1), row.GetBoolean(2), new ViewVersions(row.GetInt32(13), row.GetInt32(14)), [.. dimensions]);
        var (phase, positions, read, events, lately) = (row.GetString(3), row.GetInt64(7), row.GetInt64(8), row.GetInt64(9), row.GetInt64(10));
        // Positions that no event has are passed over at no cost: what was read in this attempt is told by its events.
        var before = events == 0 ? read : (long)(read * (1 - ((double)lately / events)));
        var progress = new RebuildProgress(phase, lately, positions, read, TimeSpan.FromSeconds(row.GetDouble(11))) { PositionsBefore = before };
        return new RebuildStatus(
            row.GetInt64(0), target, phase, row.GetBoolean(12), progress, row.GetFieldValue<DateTimeOffset>(4), row.GetFieldValue<DateTimeOffset>(5), row.GetText(6));
    }
}
