using Npgsql;
using NpgsqlTypes;
using RunLedger.Domain.Runs;
using RunLedger.Domain.Usage;
using RunLedger.Postgres.Recording;

namespace RunLedger.Postgres.Replay;

/// <summary>
/// Reads one range of positions and writes the rows of its runs. A row is written when a run's events seem to be through; of a run that gets more
/// after that, or whose first events are in another range, only the name is kept, and it is recomputed in the end. So memory is bounded, and a range
/// may begin anywhere. Every chunk of positions is committed with the place that it led to.
/// </summary>
internal sealed class RangeReplay(NpgsqlDataSource dataSource, Rebuild rebuild, ReplayRange range, ReplayLimits limits, RebuildMeter meter)
{
    private readonly FoldedRuns _runs = new(limits.RunsInMemory, limits.BytesInMemory);
    private readonly UsageSums _usage = new();
    private readonly List<(RunKey Key, long Version)> _seen = [];
    private readonly RebuildTarget _target = rebuild.Target;
    private long _metered = range.Position;

    /// <summary>Reads the range to its end, from where it was left.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await using var reading = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var writing = await dataSource.OpenConnectionAsync(cancellationToken);
        await ReopenAsync(writing, cancellationToken);
        for (var position = range.Position; position < range.UpTo;)
        {
            var chunkEnd = Math.Min(range.UpTo, position + limits.PositionsInChunk);
            await using var transaction = await writing.BeginTransactionAsync(cancellationToken);
            var events = await ReadChunkAsync(reading, writing, position, chunkEnd, cancellationToken);
            await CheckpointAsync(writing, chunkEnd, events, cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            position = chunkEnd;
        }
    }

    private async Task ReopenAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await ExecuteAsync(connection, "Replay/reopen_range.sql", cancellationToken);
        await MarkAsync(connection, range.Position, 0, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    private async Task<long> ReadChunkAsync(NpgsqlConnection reading, NpgsqlConnection writing, long after, long upTo, CancellationToken cancellationToken)
    {
        var events = 0L;
        await using var rows = new RunRows(writing, _target);
        await using (var reader = await EventCopyReader.BeginAsync(reading, after, upTo, cancellationToken))
        {
            while (reader.TryRead() || await reader.ReadAsync(cancellationToken))
            {
                Fold(reader);
                if ((++events & 1023) != 0) continue;
                Meter(1024, reader.Position);
                foreach (var run in _runs.MakeRoom()) await EmitAsync(rows, run, cancellationToken);
                if (_usage.All.Count > limits.BucketsInMemory || _seen.Count > limits.RunsInMemory) await FlushAsync(rows, writing, cancellationToken);
            }
        }
        if (upTo == range.UpTo)
            foreach (var run in _runs.Clear()) await EmitAsync(rows, run, cancellationToken);
        await FlushAsync(rows, writing, cancellationToken);
        Meter(events & 1023, upTo);
        return events;
    }

    private void Meter(long events, long position)
    {
        meter.Read(events, position - _metered);
        _metered = position;
    }

    private void Fold(EventCopyReader reader)
    {
        var run = _runs.Find(reader.Key);
        if (run is null)
        {
            _runs.Add(run = new FoldedRun(reader.Key));
            if (reader.Version > 1)
            {
                run.Abandon();
                _seen.Add((reader.Key, reader.Version - 1));
            }
        }
        if (run.State is null) return;
        run.Apply(reader.Version, reader.Type, reader.Data);
        _runs.Grown(reader.Data.Utf8.Length);
    }

    private async Task EmitAsync(RunRows rows, FoldedRun run, CancellationToken cancellationToken)
    {
        if (run.State is null) return;
        var view = RunView.Of(run.State);
        if (_target.Usage) _usage.Add(run.Key.Tenant, UsageContribution.Of(view, _target.Dimensions, _target.Versions.Usage));
        if (_target.Runs) await rows.WriteAsync(run.Key.Tenant, view, cancellationToken);
    }

    private async Task FlushAsync(RunRows rows, NpgsqlConnection writing, CancellationToken cancellationToken)
    {
        await rows.CompleteAsync(cancellationToken);
        if (_usage.All.Count > 0) await ViewCopy.WriteUsageAsync(writing, "Replay/copy_usage.sql", _usage.All, cancellationToken);
        _usage.Clear();
        if (_seen.Count == 0) return;
        await using var copy = await writing.BeginBinaryImportAsync(Sql.Text("Replay/copy_seen.sql"), cancellationToken);
        foreach (var (key, version) in _seen)
        {
            await copy.StartRowAsync(cancellationToken);
            await copy.WriteAsync(key.Tenant.Value, NpgsqlDbType.Varchar, cancellationToken);
            await copy.WriteAsync(key.Run.Value, NpgsqlDbType.Varchar, cancellationToken);
            await copy.WriteAsync(version, NpgsqlDbType.Bigint, cancellationToken);
        }
        await copy.CompleteAsync(cancellationToken);
        _seen.Clear();
    }

    private async Task CheckpointAsync(NpgsqlConnection connection, long position, long events, CancellationToken cancellationToken)
    {
        await ExecuteAsync(connection, "Replay/close_range.sql", cancellationToken);
        await using (var copy = await connection.BeginBinaryImportAsync(Sql.Text("Replay/copy_open.sql"), cancellationToken))
        {
            foreach (var run in _runs.All)
            {
                if (run.State is null) continue;
                await copy.StartRowAsync(cancellationToken);
                await copy.WriteAsync(range.Number, NpgsqlDbType.Integer, cancellationToken);
                await copy.WriteAsync(run.Key.Tenant.Value, NpgsqlDbType.Varchar, cancellationToken);
                await copy.WriteAsync(run.Key.Run.Value, NpgsqlDbType.Varchar, cancellationToken);
            }
            await copy.CompleteAsync(cancellationToken);
        }
        await MarkAsync(connection, position, events, cancellationToken);
    }

    private async Task MarkAsync(NpgsqlConnection connection, long position, long events, CancellationToken cancellationToken)
    {
        await using var mark = new NpgsqlCommand(Sql.Text("Replay/checkpoint_range.sql"), connection)
        {
            Parameters =
            {
                new NpgsqlParameter<long> { TypedValue = rebuild.Id },
                new NpgsqlParameter<int> { TypedValue = rebuild.Attempt },
                new NpgsqlParameter<int> { TypedValue = range.Number },
                new NpgsqlParameter<long> { TypedValue = position },
                new NpgsqlParameter<long> { TypedValue = events },
            },
        };
        if (await mark.ExecuteNonQueryAsync(cancellationToken) != 1) throw new RebuildTakenOverException();
    }

    private async Task ExecuteAsync(NpgsqlConnection connection, string path, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Sql.Text(path), connection) { Parameters = { new NpgsqlParameter<int> { TypedValue = range.Number } } };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}

/// <summary>A range of positions of a rebuild.</summary>
/// <param name="Number">Its number.</param>
/// <param name="After">The position after which it begins.</param>
/// <param name="UpTo">Its last position.</param>
/// <param name="Position">The position up to which it is read.</param>
/// <param name="Events">The events read.</param>
internal sealed record ReplayRange(int Number, long After, long UpTo, long Position, long Events);

/// <summary>What a rebuild may take.</summary>
public sealed record ReplayLimits
{
    /// <summary>How many ranges are read at once.</summary>
    public int Workers { get; init; } = Math.Clamp(Environment.ProcessorCount, 1, 4);

    /// <summary>How many ranges there are.</summary>
    public int Ranges { get; init; } = Math.Clamp(Environment.ProcessorCount, 1, 4) * 4;

    /// <summary>The least positions that a range of its own is worth.</summary>
    public long LeastPositionsInRange { get; init; } = 20_000;

    /// <summary>The positions that are committed together: what an interruption costs at most, in each of the ranges that are read.</summary>
    public long PositionsInChunk { get; init; } = 200_000;

    /// <summary>How many runs each reader holds in memory.</summary>
    public int RunsInMemory { get; init; } = 8_000;

    /// <summary>How many bytes of them, about.</summary>
    public long BytesInMemory { get; init; } = 12 * 1024 * 1024;

    /// <summary>How many sums of usage each reader holds in memory.</summary>
    public int BucketsInMemory { get; init; } = 10_000;

    /// <summary>How many runs are recomputed in one transaction.</summary>
    public int RunsInBatch { get; init; } = 200;

    /// <summary>How many new events there may be, so that the last ones are read while appends wait.</summary>
    public int EventsAtSwitch { get; init; } = 500;

    /// <summary>How long appends wait at most while the last events are read; what remains then is read after they went on.</summary>
    public TimeSpan LongestHold { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>How often it is told at most how far the rebuild is.</summary>
    public TimeSpan ProgressInterval { get; init; } = TimeSpan.FromMilliseconds(200);
}
