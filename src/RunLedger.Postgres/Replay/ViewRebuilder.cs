using System.Data;
using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Npgsql;
using RunLedger.Domain.Usage;

namespace RunLedger.Postgres.Replay;

/// <summary>
/// Rebuilds views beside the live ones: new tables are filled from the events in the order of their positions, indexed, brought up to date, and put in
/// the live ones' place in one short transaction while appends wait. Whatever happens on the way, the live views stay as they are; a rebuild that
/// was interrupted is taken up where it was left.
/// </summary>
internal sealed class ViewRebuilder(NpgsqlDataSource dataSource, ViewRegister views, ReplayLimits limits, ILogger logger)
{
    private static readonly TimeSpan RetryPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    /// <summary>Rebuilds views, or goes on with the rebuild of the same views by the same definitions that was interrupted.</summary>
    /// <exception cref="RebuildUnderWayException">Somebody rebuilds already.</exception>
    /// <exception cref="UncarriedObjectsException">The switch would lose what others have put upon a view's table; the message names it.</exception>
    /// <exception cref="InvalidDataException">The ledger is damaged; the message names the run.</exception>
    public async Task RebuildAsync(RebuildTarget target, Action<RebuildProgress> tell, CancellationToken cancellationToken)
    {
        await using var held = await SessionLock.TryTakeAsync(dataSource, SessionLock.Rebuild, logger, cancellationToken) ?? throw new RebuildUnderWayException();
        try
        {
            await RefuseUncarriedAsync(held.Connection, target, cancellationToken);
            var meter = new RebuildMeter(tell, limits.ProgressInterval);
            var (rebuild, phase, position) = await ResumeAsync(target, cancellationToken) ?? await BeginAsync(target, cancellationToken);
            if (phase == RebuildPhases.Copying)
            {
                await CopyAsync(rebuild, meter, cancellationToken);
                phase = await GatherAsync(rebuild, position, cancellationToken);
            }
            if (phase == RebuildPhases.Indexing) await IndexAsync(rebuild, position, meter, cancellationToken);
            await CatchUpAndSwitchAsync(rebuild, position, meter, cancellationToken);
            ReplayMetrics.Rebuilt(target);
            meter.Enter(RebuildPhases.Switched);
        }
        catch (Exception failure) when (failure is not (OperationCanceledException or RebuildTakenOverException))
        {
            await NoteAsync(held.Connection, failure);
            throw;
        }
    }

    // Over the connection that holds the lock: where that is lost, somebody else may go on with the rebuild.
    private async Task NoteAsync(NpgsqlConnection connection, Exception failure)
    {
        if (connection.State != ConnectionState.Open) return;
        try
        {
            await connection.ExecuteAsync("Replay/note_failure.sql", [QueryParameter.Text(failure.Message)], CancellationToken.None);
        }
        catch (NpgsqlException broken)
        {
            logger.LogDebug("Why the rebuild stopped could not be noted: {Reason}", broken.Message);
        }
    }

    // Before anything is copied; the switch looks again.
    private static async Task RefuseUncarriedAsync(NpgsqlConnection connection, RebuildTarget target, CancellationToken cancellationToken)
    {
        try
        {
            await connection.ExecuteAsync("Replay/refuse_uncarried.sql", Which(target), cancellationToken);
        }
        catch (PostgresException refused) when (refused.SqlState == UncarriedObjectsException.SqlState)
        {
            throw new UncarriedObjectsException(refused.MessageText);
        }
    }

    private async Task<(Rebuild, string Phase, long Position)?> ResumeAsync(RebuildTarget target, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (await TakeOverAsync(connection, cancellationToken) is not var (rebuild, phase, position)) return null;
        if (rebuild.Target.Equals(target))
        {
            await connection.ExecuteAsync("Replay/reset_ranges.sql", [new NpgsqlParameter<long> { TypedValue = rebuild.Id }], cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            logger.LogInformation("Going on with rebuild {Id}, which was interrupted while {Phase}.", rebuild.Id, phase);
            return (rebuild, phase, position);
        }
        await rebuild.AdvanceAsync(connection, RebuildPhases.Abandoned, position, cancellationToken, "other views or other definitions were asked for");
        await transaction.CommitAsync(cancellationToken);
        return null;
    }

    private static async Task<(Rebuild, string Phase, long Position)?> TakeOverAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Sql.Text("Replay/take_over_rebuild.sql"), connection);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        if (!await row.ReadAsync(cancellationToken)) return null;
        var dimensions = row.GetFieldValue<string[]>(6).Select(ConfiguredDimension.Parse).OfType<ConfiguredDimension>();
        var target = new RebuildTarget(row.GetBoolean(2), row.GetBoolean(3), new ViewVersions(row.GetInt32(4), row.GetInt32(5)), [.. dimensions]);
        return (new Rebuild(row.GetInt64(0), row.GetInt32(1), target), row.GetString(7), row.GetInt64(8));
    }

    private async Task<(Rebuild, string Phase, long Position)> BeginAsync(RebuildTarget target, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await connection.ExecuteAsync("Replay/drop_old.sql", cancellationToken);
        await connection.ExecuteAsync("Replay/drop_next.sql", cancellationToken);
        var (first, last) = await BoundsAsync(connection, cancellationToken);

        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (target.Runs) await connection.ExecuteAsync("Replay/create_run_views.sql", cancellationToken);
        if (target.Usage) await connection.ExecuteAsync("Replay/create_usage.sql", cancellationToken);
        var id = await connection.AskAsync(
            "Replay/begin_rebuild.sql",
            [
                new NpgsqlParameter<bool> { TypedValue = target.Runs },
                new NpgsqlParameter<bool> { TypedValue = target.Usage },
                new NpgsqlParameter<int> { TypedValue = target.Versions.Runs },
                new NpgsqlParameter<int> { TypedValue = target.Versions.Usage },
                new NpgsqlParameter<string[]> { TypedValue = [.. target.Dimensions.Select(dimension => dimension.Name)] },
                new NpgsqlParameter<long> { TypedValue = last },
            ],
            row => row.GetInt64(0),
            cancellationToken);
        var ranges = (int)Math.Clamp((last - first) / limits.LeastPositionsInRange, 1, limits.Ranges);
        await connection.ExecuteAsync(
            "Replay/add_ranges.sql",
            [
                new NpgsqlParameter<long> { TypedValue = id },
                new NpgsqlParameter<long> { TypedValue = first },
                new NpgsqlParameter<long> { TypedValue = last },
                new NpgsqlParameter<int> { TypedValue = ranges },
            ],
            cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return (new Rebuild(id, 1, target), RebuildPhases.Copying, last);
    }

    // All events up to the last position are committed when this returns: appends were waited for, and none was under way. So what is read up to
    // there is the same whenever it is read, and no snapshot has to be held for as long as that takes.
    private async Task<(long First, long Last)> BoundsAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        while (true)
        {
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
            try
            {
                await AppendLock.TakeAsync(connection, cancellationToken);
                return await connection.AskAsync("Replay/event_bounds.sql", [], row => (row.GetInt64(0), row.GetInt64(1)), cancellationToken);
            }
            catch (PostgresException waited) when (waited.SqlState == PostgresErrorCodes.LockNotAvailable)
            {
                logger.LogDebug("An append took too long to wait for it; trying again.");
            }
            await transaction.RollbackAsync(cancellationToken);
            await Task.Delay(RetryPause, cancellationToken);
        }
    }

    private async Task CopyAsync(Rebuild rebuild, RebuildMeter meter, CancellationToken cancellationToken)
    {
        var ranges = await RangesAsync(rebuild, cancellationToken);
        meter.Begin(ranges.Sum(range => range.UpTo - range.After), ranges.Sum(range => range.Position - range.After));
        meter.Enter(RebuildPhases.Copying);
        var options = new ParallelOptions { MaxDegreeOfParallelism = limits.Workers, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(
            ranges.Where(range => range.Position < range.UpTo),
            options,
            async (range, token) => await new RangeReplay(dataSource, rebuild, range, limits, meter).RunAsync(token));
    }

    private async Task<List<ReplayRange>> RangesAsync(Rebuild rebuild, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(Sql.Text("Replay/read_ranges.sql"));
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = rebuild.Id });
        await using var row = await dataSource.ReadAsync(command, cancellationToken);
        var ranges = new List<ReplayRange>();
        while (await row.ReadAsync(cancellationToken))
            ranges.Add(new ReplayRange(row.GetInt32(0), row.GetInt64(1), row.GetInt64(2), row.GetInt64(3), row.GetInt64(4)));
        return ranges;
    }

    private async Task<string> GatherAsync(Rebuild rebuild, long position, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await connection.ExecuteAsync("Replay/gather_pending.sql", cancellationToken);
        await connection.ExecuteAsync("Replay/clear_seen.sql", cancellationToken);
        await rebuild.AdvanceAsync(connection, RebuildPhases.Indexing, position, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return RebuildPhases.Indexing;
    }

    private async Task IndexAsync(Rebuild rebuild, long position, RebuildMeter meter, CancellationToken cancellationToken)
    {
        meter.Enter(RebuildPhases.Indexing);
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        // Said first: it keeps whoever was taken over from touching what is not theirs any more.
        await rebuild.AdvanceAsync(connection, RebuildPhases.Indexing, position, cancellationToken);
        if (rebuild.Target.Runs)
        {
            await connection.ExecuteAsync("Replay/index_run_views.sql", cancellationToken);
            await connection.ExecuteAsync("Replay/analyze_run_views.sql", cancellationToken);
        }
        if (rebuild.Target.Usage)
        {
            await connection.ExecuteAsync("Replay/index_usage.sql", cancellationToken);
            await connection.ExecuteAsync("Replay/merge_usage.sql", cancellationToken);
            await connection.ExecuteAsync("Replay/analyze_usage.sql", cancellationToken);
        }
        await rebuild.AdvanceAsync(connection, RebuildPhases.CatchingUp, position, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    // Rounds of what came in the meantime get shorter, until so little is left that it can be read while appends wait.
    private async Task CatchUpAndSwitchAsync(Rebuild rebuild, long position, RebuildMeter meter, CancellationToken cancellationToken)
    {
        meter.Enter(RebuildPhases.CatchingUp);
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var reading = await dataSource.OpenConnectionAsync(cancellationToken);
        var pending = new PendingRuns(rebuild, limits, meter);
        var pause = RetryPause;
        for (var rounds = 0; ; rounds++)
        {
            await DrainAsync(rebuild, pending, connection, reading, position, cancellationToken);
            var (_, last) = await BoundsAsync(connection, cancellationToken);
            // Where more comes than can be read meanwhile, appends are made to wait for a moment after each round.
            if (last - position <= limits.EventsAtSwitch || rounds >= 5)
            {
                (var switched, position) = await TrySwitchAsync(rebuild, pending, connection, reading, position, cancellationToken);
                if (switched) break;
                // Every attempt makes others wait for a moment: while a long report holds a view, there are ever fewer.
                await Task.Delay(pause, cancellationToken);
                pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
                continue;
            }
            position = await CollectAsync(rebuild, connection, position, last, cancellationToken);
        }
        await DropOldAsync(connection, cancellationToken);
    }

    private static async Task DrainAsync(
        Rebuild rebuild, PendingRuns pending, NpgsqlConnection connection, NpgsqlConnection reading, long upTo, CancellationToken cancellationToken)
    {
        for (var left = 1; left > 0;)
        {
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
            await rebuild.AdvanceAsync(connection, RebuildPhases.CatchingUp, upTo, cancellationToken);
            left = await pending.RecomputeAsync(connection, reading, upTo, cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }
    }

    private static async Task<long> CollectAsync(Rebuild rebuild, NpgsqlConnection connection, long after, long upTo, CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await AddNewerAsync(connection, after, upTo, cancellationToken);
        await rebuild.AdvanceAsync(connection, RebuildPhases.CatchingUp, upTo, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return upTo;
    }

    private async Task<(bool Switched, long Position)> TrySwitchAsync(
        Rebuild rebuild, PendingRuns pending, NpgsqlConnection connection, NpgsqlConnection reading, long position, CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        try
        {
            await AppendLock.TakeAsync(connection, cancellationToken);
            var held = Stopwatch.GetTimestamp();
            var (_, last) = await connection.AskAsync("Replay/event_bounds.sql", [], row => (row.GetInt64(0), row.GetInt64(1)), cancellationToken);
            await AddNewerAsync(connection, position, last, cancellationToken);
            var left = 1;
            while (left > 0 && Stopwatch.GetElapsedTime(held) < limits.LongestHold)
                left = await pending.RecomputeAsync(connection, reading, last, cancellationToken);
            if (left == 0) await SwitchAsync(rebuild, connection, cancellationToken);
            await rebuild.AdvanceAsync(connection, left == 0 ? RebuildPhases.Switched : RebuildPhases.CatchingUp, last, cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            if (left == 0) views.Forget();
            return (left == 0, last);
        }
        catch (PostgresException waited) when (waited.SqlState == PostgresErrorCodes.LockNotAvailable)
        {
            logger.LogDebug("A reader or an append holds a view; trying to switch again in a moment.");
            await transaction.RollbackAsync(cancellationToken);
            return (false, position);
        }
        catch (PostgresException refused) when (refused.SqlState == UncarriedObjectsException.SqlState)
        {
            throw new UncarriedObjectsException(refused.MessageText);
        }
    }

    private static async Task SwitchAsync(Rebuild rebuild, NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var target = rebuild.Target;
        await connection.ExecuteAsync("Replay/switch_views.sql", Which(target), cancellationToken);
        await connection.ExecuteAsync(
            "Replay/record_switch.sql",
            [
                .. Which(target),
                new NpgsqlParameter<int> { TypedValue = target.Versions.Runs },
                new NpgsqlParameter<int> { TypedValue = target.Versions.Usage },
                new NpgsqlParameter<string[]> { TypedValue = [.. target.Dimensions.Select(dimension => dimension.Name)] },
            ],
            cancellationToken);
        if (target.Usage) await connection.ExecuteAsync("Replay/name_usage.sql", cancellationToken);
    }

    private static NpgsqlParameter[] Which(RebuildTarget target) =>
        [new NpgsqlParameter<bool> { TypedValue = target.Runs }, new NpgsqlParameter<bool> { TypedValue = target.Usage }];

    // Readers that began before the switch may hold the old tables still; then the next rebuild drops them.
    private async Task DropOldAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        try
        {
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
            await connection.ExecuteAsync("Replay/limit_lock_wait.sql", cancellationToken);
            await connection.ExecuteAsync("Replay/drop_old.sql", cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }
        catch (PostgresException held) when (held.SqlState == PostgresErrorCodes.LockNotAvailable)
        {
            logger.LogInformation("A reader still holds the views of before the switch; the next rebuild drops them.");
        }
    }

    private static Task<int> AddNewerAsync(NpgsqlConnection connection, long after, long upTo, CancellationToken cancellationToken) => connection.ExecuteAsync(
        "Replay/add_newer_pending.sql",
        [new NpgsqlParameter<long> { TypedValue = after }, new NpgsqlParameter<long> { TypedValue = upTo }],
        cancellationToken);
}
