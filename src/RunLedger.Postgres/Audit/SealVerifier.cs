using System.Data;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Npgsql;
using RunLedger.Domain.Audit;
using RunLedger.Domain.Json;
using RunLedger.Domain.Observations;
using RunLedger.Postgres.Recording;

namespace RunLedger.Postgres.Audit;

/// <summary>Compares all events of a tenant with what was sealed of them and with checkpoints, and all large values with their digests.</summary>
internal sealed class SealVerifier
{
    private readonly NpgsqlDataSource _dataSource;
    private readonly TenantId _tenant;
    private readonly ILookup<long, Checkpoint> _checkpoints;
    private readonly Action<string> _found;
    private readonly Action<long> _tell;
    private readonly GrowingTree _tree = new();
    private readonly SealComparison _comparison = new();
    private readonly List<Digest> _tileRoots = [];
    private readonly Dictionary<long, long?> _ends = []; // the position that a tile says to end at, by the place of its last event
    private long _sealed;
    private long _findings;

    public SealVerifier(NpgsqlDataSource dataSource, TenantId tenant, IEnumerable<Checkpoint> checkpoints, Action<string> found, Action<long> tell)
    {
        (_dataSource, _tenant, _found, _tell) = (dataSource, tenant, found, tell);
        _checkpoints = checkpoints.ToLookup(checkpoint => checkpoint.Size);
    }

    public async Task<AuditVerification> VerifyAsync(CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        await using var connection = await _dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken);
        await DamageIsFoundAsync(async () => _sealed = (await GrowingTiles.ReadAsync(connection, _tenant, cancellationToken)).Size);
        CompareRoots();
        var after = long.MinValue;
        for (var start = 0L; ; start += AuditLog.EventsAtOnce)
        {
            var events = await SealedEvents.AfterAsync(connection, _tenant, after, AuditLog.EventsAtOnce, cancellationToken);
            if (events.Count == 0 && start >= _sealed) break;
            var hashes = await SealedAsync(connection, start, cancellationToken);
            if (Array.TrueForAll(hashes, hash => hash is null) && events.Count == 0)
            {
                ReportGone(start, _sealed, _sealed - start);
                break;
            }
            ReportGone(start, start + hashes.Length, hashes.Count(hash => hash is null));
            Compare(events, hashes, start);
            await FindMissingContentsAsync(connection, events, cancellationToken);
            if (events.Count > 0) after = events[^1].Position;
            _tell(_tree.Size);
        }
        foreach (var what in _comparison.Findings()) Report(what);
        foreach (var checkpoint in _checkpoints.Where(size => size.Key > _tree.Size).SelectMany(size => size))
            Report($"a checkpoint is of {Text(checkpoint.Size)} events: there are only {Text(_tree.Size)}");
        if (_comparison.AllAlike) await DamageIsFoundAsync(() => CompareUpperLevelsAsync(connection, cancellationToken));
        return new AuditVerification(
            _tree.Size, _sealed, await VerifyContentsAsync(connection, cancellationToken), _findings, Stopwatch.GetElapsedTime(started));
    }

    private void Compare(List<SealedEvent> events, Digest?[] hashes, long start)
    {
        var index = start;
        foreach (var (leaf, sealedEvent) in AuditLog.LeavesOf(events))
        {
            _tree.Add(leaf);
            CompareRoots();
            if (index < _sealed) _comparison.Meet(index, hashes[index - start], leaf, sealedEvent);
            if (_ends.Remove(index, out var end) && hashes[index - start] == leaf && end != sealedEvent.Position)
                Report($"what is sealed up to {SealComparison.Text(sealedEvent)} is said to go up to position {end?.ToString(CultureInfo.InvariantCulture) ?? "null"}");
            index++;
        }
        for (; index - start < hashes.Length; index++) _comparison.Meet(index, hashes[index - start]);
    }

    private void CompareRoots()
    {
        if (!_checkpoints.Contains(_tree.Size)) return;
        var root = _tree.Root;
        foreach (var checkpoint in _checkpoints[_tree.Size])
            if (checkpoint.Root != root) Report($"the first {Text(_tree.Size)} events are not those that a checkpoint seals");
    }

    // What is sealed of the events of one turn; null where that is gone.
    private async Task<Digest?[]> SealedAsync(NpgsqlConnection connection, long start, CancellationToken cancellationToken)
    {
        var hashes = new Digest?[Math.Clamp(_sealed - start, 0, AuditLog.EventsAtOnce)];
        if (hashes.Length == 0) return hashes;
        await using var command = new NpgsqlCommand(Sql.Text("Audit/next_tiles.sql"), connection)
        {
            Parameters =
            {
                QueryParameter.Text(_tenant.Value),
                new NpgsqlParameter<long> { TypedValue = start / Tile.Hashes },
                new NpgsqlParameter<int> { TypedValue = AuditLog.EventsAtOnce / Tile.Hashes },
            },
        };
        await using (var row = await command.ExecuteReaderAsync(cancellationToken))
            while (await row.ReadAsync(cancellationToken))
                await DamageIsFoundAsync(() =>
                {
                    var tile = new Tile(0, row.GetInt64(0), row.GetFieldValue<byte[]>(1), row.IsDBNull(2) ? null : row.GetInt64(2));
                    _ends[tile.Index * Tile.Hashes + tile.Count - 1] = tile.LastPosition;
                    if (tile.IsFull) _tileRoots.Add(tile.Root(0, Tile.Height));
                    var first = tile.Index * Tile.Hashes - start;
                    for (var i = 0; i < tile.Count && first + i < hashes.Length; i++) hashes[first + i] = tile[i];
                    return Task.CompletedTask;
                });
        return hashes;
    }

    private void ReportGone(long start, long end, long count)
    {
        if (count > 0) Report($"what was sealed of {Text(count)} of the events {Text(start + 1)} to {Text(end)} is gone");
    }

    // Every hash above the events' level is that of a full tile of the level below.
    private async Task CompareUpperLevelsAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var below = _tileRoots;
        for (var level = 1; below.Count > 0; level++)
        {
            var tiles = await TilesAsync(connection, level, cancellationToken);
            if (!tiles.SelectMany(tile => Enumerable.Range(0, tile.Count).Select(at => tile[at])).SequenceEqual(below))
                throw new InvalidDataException($"The sealed hashes of level {level} are damaged: they are not those of the level below.");
            below = [.. tiles.Where(tile => tile.IsFull).Select(tile => tile.Root(0, Tile.Height))];
        }
    }

    private async Task<List<Tile>> TilesAsync(NpgsqlConnection connection, int level, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Sql.Text("Audit/read_level.sql"), connection)
        {
            Parameters = { QueryParameter.Text(_tenant.Value), new NpgsqlParameter<short> { TypedValue = (short)level } },
        };
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        var tiles = new List<Tile>();
        while (await row.ReadAsync(cancellationToken)) tiles.Add(new Tile(level, row.GetInt64(0), row.GetFieldValue<byte[]>(1), null));
        return tiles;
    }

    private async Task FindMissingContentsAsync(NpgsqlConnection connection, List<SealedEvent> events, CancellationToken cancellationToken)
    {
        var named = new Dictionary<Digest, SealedEvent>();
        foreach (var sealedEvent in events)
            try
            {
                foreach (var digest in SealedEvent.ContentsOf(sealedEvent.Type, sealedEvent.Data)) named.TryAdd(digest, sealedEvent);
            }
            catch (Exception unreadable) when (unreadable is InvalidDataException or FormatException or JsonException)
            {
                Report($"{SealComparison.Text(sealedEvent)} cannot be read: {unreadable.Message}");
            }
        if (named.Count == 0) return;
        await using var command = new NpgsqlCommand(Sql.Text("Audit/missing_contents.sql"), connection)
        {
            Parameters = { QueryParameter.Text(_tenant.Value), Columns.Bytes([.. named.Keys], digest => digest.ToArray()) },
        };
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        while (await row.ReadAsync(cancellationToken))
        {
            var digest = new Digest(row.GetFieldValue<byte[]>(0));
            Report($"content {digest}, which {SealComparison.Text(named[digest])} names, is gone");
        }
    }

    private async Task<long> VerifyContentsAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Sql.Text("Audit/read_all_contents.sql"), connection) { Parameters = { QueryParameter.Text(_tenant.Value) } };
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        var contents = 0L;
        for (; await row.ReadAsync(cancellationToken); contents++)
        {
            var digest = row.GetFieldValue<byte[]>(0);
            var isSound = digest.Length == Digest.Size && Digest.Of(row.GetFieldValue<byte[]>(1)) == new Digest(digest);
            if (!isSound) Report($"content {Convert.ToHexStringLower(digest)} is not what its digest says");
        }
        return contents;
    }

    private async Task DamageIsFoundAsync(Func<Task> work)
    {
        try
        {
            await work();
        }
        catch (InvalidDataException damaged)
        {
            Report(damaged.Message);
        }
    }

    private void Report(string what)
    {
        _findings++;
        _found(what);
    }

    private static string Text(long number) => number.ToString("#,0", CultureInfo.InvariantCulture);
}

/// <summary>Tells events that are not as they were sealed from those that only stand elsewhere because others are gone, or have joined.</summary>
internal sealed class SealComparison
{
    // More are counted, and not named.
    private const int Most = 100_000;

    private readonly Dictionary<Digest, long> _unmetHashes = [];
    private readonly Dictionary<Digest, (long Index, SealedEvent Event)> _unmetEvents = [];
    private long _more;

    /// <summary>Whether all were as they were sealed so far.</summary>
    public bool AllAlike => _unmetHashes.Count == 0 && _unmetEvents.Count == 0;

    /// <summary>Takes what was sealed at a place, and the event that stands there now.</summary>
    public void Meet(long index, Digest? hash, Digest leaf, SealedEvent sealedEvent)
    {
        if (hash is null || hash == leaf) return;
        Meet(index, hash);
        if (_unmetHashes.Remove(leaf)) return;
        if (_unmetEvents.Count < Most) _unmetEvents.TryAdd(leaf, (index, sealedEvent));
        else _more++;
    }

    /// <summary>Takes what was sealed at a place where no event stands.</summary>
    public void Meet(long index, Digest? hash)
    {
        if (hash is not { } known || _unmetEvents.Remove(known)) return;
        if (_unmetHashes.Count < Most) _unmetHashes.TryAdd(known, index);
        else _more++;
    }

    /// <summary>What is not as it was, in words.</summary>
    public IEnumerable<string> Findings()
    {
        var gone = _unmetHashes.Values.ToHashSet();
        foreach (var (index, sealedEvent) in _unmetEvents.Values.OrderBy(unmet => unmet.Index))
            yield return gone.Remove(index)
                ? $"{Text(sealedEvent)} is not as it was sealed"
                : $"{Text(sealedEvent)} was not there, or not so, when its place was sealed";
        foreach (var index in gone.Order())
            yield return string.Create(CultureInfo.InvariantCulture, $"the event that was sealed as number {index + 1:#,0} is gone, or no more as it was");
        if (_more > 0) yield return string.Create(CultureInfo.InvariantCulture, $"{_more:#,0} more are not as they were sealed");
    }

    /// <summary>An event, for a reader.</summary>
    public static string Text(SealedEvent sealedEvent) => $"{sealedEvent.Run}, event {sealedEvent.Version} (position {sealedEvent.Position}, {sealedEvent.Type})";
}
