using Npgsql;
using RunLedger.Domain.Audit;
using RunLedger.Domain.Json;
using RunLedger.Domain.Observations;
using RunLedger.Postgres.Recording;
using RunLedger.Postgres.Replay;

namespace RunLedger.Postgres.Audit;

/// <summary>Some hashes of one level of a tenant's tree, one after the other: a row of <c>audit_tiles</c>.</summary>
/// <param name="level">The level: its hashes are those of the subtrees that are <see cref="Height"/> times as high.</param>
/// <param name="index">The tile's place in its level, from 0.</param>
internal sealed class Tile(int level, long index)
{
    /// <summary>How many levels of the tree stand in one tile.</summary>
    public const int Height = 8;

    /// <summary>How many hashes a tile has when it is full.</summary>
    public const int Hashes = 1 << Height;

    private const long MostTiles = long.MaxValue / Hashes / Hashes;

    private readonly byte[] _hashes = new byte[Hashes * Digest.Size];

    /// <summary>A tile as it is stored.</summary>
    /// <exception cref="InvalidDataException">These are no hashes.</exception>
    public Tile(int level, long index, byte[] hashes, long? lastPosition) : this(level, index)
    {
        if (index is < 0 or > MostTiles || hashes.Length is 0 || hashes.Length > _hashes.Length || hashes.Length % Digest.Size != 0)
            throw new InvalidDataException($"Tile {index} of level {level} of the sealed hashes is damaged.");
        hashes.CopyTo(_hashes, 0);
        Count = hashes.Length / Digest.Size;
        LastPosition = lastPosition;
    }

    public int Level => level;

    public long Index => index;

    /// <summary>How many hashes it has.</summary>
    public int Count { get; private set; }

    /// <summary>The position of the last event; null above level 0.</summary>
    public long? LastPosition { get; private set; }

    public bool IsFull => Count == Hashes;

    public Digest this[int at] => at < Count
        ? new Digest(_hashes.AsSpan(at * Digest.Size, Digest.Size))
        : throw new InvalidDataException($"Tile {index} of level {level} of the sealed hashes is damaged: it has {Count} hashes.");

    /// <summary>The place of a hash in the tile; null if it is not there.</summary>
    public int? Find(Digest hash)
    {
        for (var at = 0; at < Count; at++)
            if (this[at] == hash) return at;
        return null;
    }

    public void Add(Digest hash, long? position)
    {
        hash.CopyTo(_hashes.AsSpan(Count++ * Digest.Size));
        LastPosition = position;
    }

    /// <summary>The hash of a subtree whose lower end stands in this tile.</summary>
    /// <param name="first">The place of its first hash in the tile.</param>
    /// <param name="height">Its levels above the tile's.</param>
    public Digest Root(int first, int height) =>
        height == 0 ? this[first] : MerkleTree.Node(Root(first, height - 1), Root(first + (1 << (height - 1)), height - 1));

    public byte[] ToArray() => _hashes[..(Count * Digest.Size)];
}

/// <summary>The last tile of each level, while events are added.</summary>
internal sealed class GrowingTiles
{
    private readonly List<Tile> _last = [];
    private readonly HashSet<Tile> _changed = [];

    /// <summary>How many events are sealed.</summary>
    public long Size => _last.Count == 0 ? 0 : _last[0].Index * Tile.Hashes + _last[0].Count;

    /// <summary>
    /// The position of the last event that is sealed; the lowest that there can be if none is, since a forged one may be below those that the ledger gives.
    /// </summary>
    public long LastPosition => _last.Count == 0
        ? long.MinValue
        : _last[0].LastPosition ?? throw new InvalidDataException("The sealed hashes are damaged: they do not say up to where they go.");

    public static async Task<GrowingTiles> ReadAsync(NpgsqlConnection connection, TenantId tenant, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Sql.Text("Audit/last_tiles.sql"), connection) { Parameters = { QueryParameter.Text(tenant.Value) } };
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        var tiles = new GrowingTiles();
        while (await row.ReadAsync(cancellationToken))
        {
            if (row.GetInt16(0) != tiles._last.Count) throw new InvalidDataException($"The sealed hashes are damaged: those of level {tiles._last.Count} are gone.");
            tiles._last.Add(new Tile(row.GetInt16(0), row.GetInt64(1), row.GetFieldValue<byte[]>(2), row.IsDBNull(3) ? null : row.GetInt64(3)));
        }
        return tiles;
    }

    public void Add(Digest leaf, long position) => Add(0, leaf, position);

    public async Task WriteAsync(NpgsqlConnection connection, TenantId tenant, CancellationToken cancellationToken)
    {
        var changed = _changed.ToList();
        if (changed.Count == 0) return;
        await connection.ExecuteAsync(
            "Audit/write_tiles.sql",
            [
                QueryParameter.Text(tenant.Value),
                Columns.Of(changed, tile => (short)tile.Level),
                Columns.Of(changed, tile => tile.Index),
                Columns.Bytes(changed, tile => tile.ToArray()),
                Columns.Of(changed, tile => tile.LastPosition),
            ],
            cancellationToken);
        _changed.Clear();
    }

    private void Add(int level, Digest hash, long? position)
    {
        if (level == _last.Count) _last.Add(new Tile(level, 0));
        if (_last[level].IsFull) _last[level] = new Tile(level, _last[level].Index + 1);
        var tile = _last[level];
        tile.Add(hash, position);
        _changed.Add(tile);
        if (tile.IsFull) Add(level + 1, tile.Root(0, Tile.Height), null);
    }
}

/// <summary>Hashes of subtrees, from the tiles that have them.</summary>
internal sealed class SealedHashes
{
    private readonly Dictionary<(int Level, long Index), Tile> _tiles = [];

    /// <summary>Reads the tiles that have the hashes of some ranges of a tree.</summary>
    public static async Task<SealedHashes> ReadAsync(
        NpgsqlConnection connection, TenantId tenant, IEnumerable<LeafRange> ranges, CancellationToken cancellationToken)
    {
        var wanted = ranges.SelectMany(MerkleTree.In).Select(subtree => Place(subtree).Tile).Distinct().ToList();
        await using var command = new NpgsqlCommand(Sql.Text("Audit/read_tiles.sql"), connection)
        {
            Parameters = { QueryParameter.Text(tenant.Value), Columns.Of(wanted, tile => (short)tile.Level), Columns.Of(wanted, tile => tile.Index) },
        };
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        var hashes = new SealedHashes();
        while (await row.ReadAsync(cancellationToken))
            hashes._tiles.Add((row.GetInt16(0), row.GetInt64(1)), new Tile(row.GetInt16(0), row.GetInt64(1), row.GetFieldValue<byte[]>(2), null));
        return hashes;
    }

    /// <summary>The hash of a range.</summary>
    /// <exception cref="InvalidDataException">A tile is damaged, or gone.</exception>
    public Digest Of(LeafRange range) => MerkleTree.Hash(range, Of);

    private Digest Of(Subtree subtree)
    {
        var (place, first, height) = Place(subtree);
        return _tiles.TryGetValue(place, out var tile)
            ? tile.Root(first, height)
            : throw new InvalidDataException($"Tile {place.Index} of level {place.Level} of the sealed hashes is gone.");
    }

    private static ((int Level, long Index) Tile, int First, int Height) Place(Subtree subtree)
    {
        var (level, height) = Math.DivRem(subtree.Height, Tile.Height);
        var (index, first) = Math.DivRem(subtree.Index << height, Tile.Hashes);
        return ((level, index), (int)first, height);
    }
}
