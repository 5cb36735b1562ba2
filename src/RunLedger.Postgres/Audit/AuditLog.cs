using System.Buffers;
using System.Data;
using System.Text;
using Npgsql;
using RunLedger.Domain.Audit;
using RunLedger.Domain.Json;
using RunLedger.Domain.Observations;
using RunLedger.Domain.Runs;
using RunLedger.Postgres.Contents;
using RunLedger.Postgres.Replay;

namespace RunLedger.Postgres.Audit;

/// <summary>
/// Seals events, and tells whether they are still what they were. Within a tenant positions are commit order, so that behind an event that is seen no other can
/// appear: the tree over the events only ever grows at its end, and is made after the appends, which wait for nothing of it.
/// </summary>
public sealed class AuditLog(NpgsqlDataSource dataSource)
{
    // As many tiles as are written, or compared, at a time.
    internal const int EventsAtOnce = 64 * Tile.Hashes;

    /// <summary>Up to where a tenant's events are sealed.</summary>
    public Task<SealStatus> StatusAsync(TenantId tenant, CancellationToken cancellationToken) =>
        dataSource.OnLiveConnectionsAsync(() => ReadStatusAsync(tenant, cancellationToken));

    /// <summary>Seals all events that a tenant has by now. What is sealed stays so where this is interrupted, and the next one goes on behind it.</summary>
    /// <param name="tenant">The tenant.</param>
    /// <param name="tell">Is told how many events are sealed.</param>
    /// <param name="cancellationToken">Interrupts it.</param>
    /// <returns>The checkpoint of all of them.</returns>
    /// <exception cref="InvalidDataException">What was sealed before is damaged; verification says more.</exception>
    public async Task<Checkpoint> SealAsync(TenantId tenant, Action<long> tell, CancellationToken cancellationToken)
    {
        while (true)
            if (await dataSource.OnLiveConnectionsAsync(() => SealSomeAsync(tenant, tell, cancellationToken)) is { } all) return all;
    }

    /// <summary>Proves the events of a run.</summary>
    /// <param name="tenant">Whose run.</param>
    /// <param name="run">The run.</param>
    /// <param name="size">How many events the checkpoint seals against which to prove them; null for all that there are by now.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The proof; null if the run is not in the ledger.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The tenant has fewer events than <paramref name="size"/>.</exception>
    /// <exception cref="InvalidDataException">The events are not what was sealed.</exception>
    public async Task<RunProof?> ProveAsync(TenantId tenant, RunId run, long? size, CancellationToken cancellationToken)
    {
        var all = (await SealAsync(tenant, _ => { }, cancellationToken)).Size;
        ArgumentOutOfRangeException.ThrowIfGreaterThan(size ?? 0, all, nameof(size));
        return await dataSource.OnLiveConnectionsAsync(() => ProveSealedAsync(tenant, run, size ?? all, cancellationToken));
    }

    /// <summary>
    /// Compares a tenant's events with what was sealed of them and with checkpoints, in one snapshot of the ledger; reads and appends go on meanwhile.
    /// </summary>
    /// <param name="tenant">The tenant.</param>
    /// <param name="checkpoints">Earlier checkpoints of the tenant.</param>
    /// <param name="found">Is told, in words, what is not as it was.</param>
    /// <param name="tell">Is told how many events were compared.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public Task<AuditVerification> VerifyAsync(
        TenantId tenant, IReadOnlyCollection<Checkpoint> checkpoints, Action<string> found, Action<long> tell, CancellationToken cancellationToken) =>
        new SealVerifier(dataSource, tenant, checkpoints, found, tell).VerifyAsync(cancellationToken);

    /// <summary>The checkpoint of a tenant's first events, by what is sealed of them.</summary>
    internal static async Task<Checkpoint> CheckpointAsync(NpgsqlConnection connection, TenantId tenant, long size, CancellationToken cancellationToken)
    {
        var whole = new LeafRange(0, size);
        return new Checkpoint(tenant, size, (await SealedHashes.ReadAsync(connection, tenant, [whole], cancellationToken)).Of(whole));
    }

    /// <summary>The hashes of events.</summary>
    internal static IEnumerable<(Digest Leaf, SealedEvent Event)> LeavesOf(IEnumerable<SealedEvent> events)
    {
        var output = new ArrayBufferWriter<byte>(4096);
        using var writer = SealedEvent.Writer(output);
        foreach (var sealedEvent in events)
        {
            output.ResetWrittenCount();
            writer.Reset();
            sealedEvent.Write(writer);
            yield return (MerkleTree.Leaf(output.WrittenSpan), sealedEvent);
        }
    }

    private async Task<SealStatus> ReadStatusAsync(TenantId tenant, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken);
        var tiles = await GrowingTiles.ReadAsync(connection, tenant, cancellationToken);
        var since = await connection.AskAsync(
            "Audit/count_after.sql",
            [QueryParameter.Text(tenant.Value), new NpgsqlParameter<long> { TypedValue = tiles.LastPosition }],
            row => row.GetInt64(0),
            cancellationToken);
        return new SealStatus(tiles.Size, tiles.Size == 0 ? 0 : tiles.LastPosition, since);
    }

    // Null while there may be more.
    private async Task<Checkpoint?> SealSomeAsync(TenantId tenant, Action<long> tell, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await connection.ExecuteAsync("Audit/lock_tree.sql", [QueryParameter.Text(tenant.Value)], cancellationToken);
        var tiles = await GrowingTiles.ReadAsync(connection, tenant, cancellationToken);
        var events = await SealedEvents.AfterAsync(connection, tenant, tiles.LastPosition, EventsAtOnce, cancellationToken);
        foreach (var (leaf, sealedEvent) in LeavesOf(events)) tiles.Add(leaf, sealedEvent.Position);
        await tiles.WriteAsync(connection, tenant, cancellationToken);
        tell(tiles.Size);
        var all = events.Count < EventsAtOnce ? await CheckpointAsync(connection, tenant, tiles.Size, cancellationToken) : null;
        await transaction.CommitAsync(cancellationToken);
        return all;
    }

    private async Task<RunProof?> ProveSealedAsync(TenantId tenant, RunId run, long size, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken);
        var events = await SealedEvents.OfRunAsync(connection, tenant, run, cancellationToken);
        if (events.Count == 0) return null;

        var checkpoint = await CheckpointAsync(connection, tenant, size, cancellationToken);
        var placed = new List<(SealedEvent Event, long Index)>();
        foreach (var found in events)
            if (await IndexAsync(connection, found, cancellationToken) is { } index && index < checkpoint.Size) placed.Add((found, index));
        var paths = placed.ConvertAll(item => MerkleTree.Path(item.Index, checkpoint.Size));
        var hashes = await SealedHashes.ReadAsync(connection, tenant, paths.SelectMany(path => path), cancellationToken);
        var proven = placed.Zip(paths, (item, path) => new ProvenEvent(
            item.Index, Encoding.UTF8.GetString(item.Event.ToEntry()), [.. path.Select(hashes.Of)]));
        var proof = new RunProof(checkpoint, run, [.. proven], await ContentsAsync(tenant, placed, cancellationToken), events.Count - placed.Count);
        return placed.Count == 0 || proof.Defects().FirstOrDefault() is not { } defect
            ? proof
            : throw new InvalidDataException($"The events of {run} are not what was sealed: {defect}");
    }

    // Where an event is sealed: its hash stands in the tile that goes up to its position, or behind it. Null if it is not sealed yet.
    private static async Task<long?> IndexAsync(NpgsqlConnection connection, SealedEvent found, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Sql.Text("Audit/tile_of_position.sql"), connection)
        {
            Parameters = { QueryParameter.Text(found.Tenant.Value), new NpgsqlParameter<long> { TypedValue = found.Position } },
        };
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        if (!await row.ReadAsync(cancellationToken)) return null;
        var tile = new Tile(0, row.GetInt64(0), row.GetFieldValue<byte[]>(1), null);
        return tile.Find(MerkleTree.Leaf(found.ToEntry())) is { } at
            ? tile.Index * Tile.Hashes + at
            : throw new InvalidDataException($"The events of {found.Run} are not what was sealed: event {found.Version} is not.");
    }

    private async Task<IReadOnlyDictionary<Digest, string>> ContentsAsync(
        TenantId tenant, IEnumerable<(SealedEvent Event, long Index)> events, CancellationToken cancellationToken)
    {
        var digests = events.SelectMany(item => SealedEvent.ContentsOf(item.Event.Type, item.Event.Data)).Distinct();
        var named = digests.Select(digest => new ContentReference(digest, 0)).ToList();
        var contents = await new ContentReader(dataSource).ReadAsync(tenant, named, cancellationToken);
        return named.ToDictionary(reference => reference.Sha256, reference => contents(reference).ToString());
    }
}

/// <summary>Up to where a tenant's events are sealed.</summary>
/// <param name="Sealed">How many events are.</param>
/// <param name="Position">The position of the last one; 0 if none is.</param>
/// <param name="Since">How many events were recorded after it.</param>
public sealed record SealStatus(long Sealed, long Position, long Since);

/// <summary>What a verification looked at.</summary>
/// <param name="Events">The events.</param>
/// <param name="Sealed">How many had been sealed: the others were compared with checkpoints alone.</param>
/// <param name="Contents">The large values.</param>
/// <param name="Findings">What was not as it was.</param>
/// <param name="Elapsed">How long it took.</param>
public sealed record AuditVerification(long Events, long Sealed, long Contents, long Findings, TimeSpan Elapsed);
