using Npgsql;
using RunLedger.Domain.Json;
using RunLedger.Domain.Observations;
using RunLedger.Domain.Runs;
using RunLedger.Domain.Usage;
using RunLedger.Postgres.Recording;

namespace RunLedger.Postgres.Replay;

/// <summary>
/// Recomputes the runs that stand in <c>rebuild_pending</c> from all of their events: those that the ranges could not finish, and those that got
/// events since. A run's old row, and what it added to usage at the version at which it stands in the new tables, is taken away.
/// </summary>
internal sealed class PendingRuns(Rebuild rebuild, ReplayLimits limits, RebuildMeter meter)
{
    private readonly RebuildTarget _target = rebuild.Target;

    /// <summary>Recomputes some of the runs, in the transaction that the connection is in.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="reading">Another one, to read events over while rows are written.</param>
    /// <param name="upTo">The position up to which events count; all of them are committed.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>How many runs they were; 0 once none is left.</returns>
    public async Task<int> RecomputeAsync(NpgsqlConnection connection, NpgsqlConnection reading, long upTo, CancellationToken cancellationToken)
    {
        var pending = await TakeAsync(connection, cancellationToken);
        if (pending.Count == 0) return 0;
        var usage = new UsageSums(); // Of this attempt alone: one before it may have been rolled back.
        if (_target.Runs) await RemoveAsync(connection, pending, cancellationToken);
        await using (var rows = new RunRows(connection, _target))
        {
            await foreach (var (run, view) in ReadAsync(reading, pending, upTo, usage, cancellationToken))
            {
                if (_target.Usage) usage.Add(run.Tenant, UsageContribution.Of(view, _target.Dimensions, _target.Versions.Usage));
                if (_target.Runs) await rows.WriteAsync(run.Tenant, view, cancellationToken);
            }
            await rows.CompleteAsync(cancellationToken);
        }
        if (_target.Usage)
        {
            await ViewCopy.WriteUsageAsync(connection, "Replay/copy_usage.sql", usage.All, cancellationToken);
            await connection.ExecuteAsync("Replay/merge_usage.sql", cancellationToken);
        }
        return pending.Count;
    }

    private async IAsyncEnumerable<(RunKey Run, RunView View)> ReadAsync(
        NpgsqlConnection reading, List<(RunKey Key, long Version)> pending, long upTo, UsageSums usage,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Sql.Text("Replay/read_runs_up_to.sql"), reading)
        {
            Parameters =
            {
                Columns.Text(pending, run => run.Key.Tenant.Value),
                Columns.Text(pending, run => run.Key.Run.Value),
                new NpgsqlParameter<long> { TypedValue = upTo },
            },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        FoldedRun? run = null;
        var place = 0L;
        while (await reader.ReadAsync(cancellationToken))
        {
            if (reader.GetInt64(0) != place)
            {
                if (run is not null) yield return (run.Key, RunView.Of(run.State!));
                place = reader.GetInt64(0);
                run = new FoldedRun(pending[(int)place - 1].Key);
            }
            run!.Apply(reader.GetInt64(1), reader.GetString(2), new JsonText(reader.GetFieldValue<byte[]>(3)));
            if (run.State!.Version == pending[(int)place - 1].Version && _target.Usage)
                usage.Remove(run.Key.Tenant, UsageContribution.Of(RunView.Of(run.State), _target.Dimensions, _target.Versions.Usage));
            meter.Read(1, 0);
        }
        if (run is not null) yield return (run.Key, RunView.Of(run.State!));
    }

    private async Task<List<(RunKey Key, long Version)>> TakeAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Sql.Text("Replay/take_pending.sql"), connection)
        {
            Parameters = { new NpgsqlParameter<int> { TypedValue = limits.RunsInBatch } },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var pending = new List<(RunKey, long)>();
        while (await reader.ReadAsync(cancellationToken))
            pending.Add((new RunKey(new TenantId(reader.GetString(0)), new RunId(reader.GetString(1))), reader.GetInt64(2)));
        return pending;
    }

    private static async Task RemoveAsync(NpgsqlConnection connection, List<(RunKey Key, long Version)> pending, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Sql.Text("Replay/remove_run_views.sql"), connection)
        {
            Parameters = { Columns.Text(pending, run => run.Key.Tenant.Value), Columns.Text(pending, run => run.Key.Run.Value) },
        };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
