using System.Runtime.CompilerServices;
using RunLedger.Domain.Capture;
using RunLedger.Domain.Observations;

namespace RunLedger.Host.Capture;

/// <summary>Records a stream of any length in bounded memory: while some chunks are being committed, the next one is read.</summary>
internal static class StreamImport
{
    public static async IAsyncEnumerable<IntakeChunk> RunAsync(
        ObservationIntake intake, TenantId tenant, Stream input, CaptureOptions options, ImportLimits limits, string? file,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // In a file the polls of a run stand close together, or far apart: keeping more of them for longer costs more than it saves.
        var reading = new ImportedItems(options with { Recent = new RecentSnapshots(limits.RecentBytes) });
        var underWay = new Queue<Task<IntakeChunk>>(limits.ChunksAtATime);
        var chunk = new PendingChunk();
        var items = new ItemsRead(input, limits.LargestItem, cancellationToken);
        await foreach (var framed in items.ReadAsync())
        {
            chunk.Add(framed, reading);
            if (!chunk.IsFull(limits)) continue;
            underWay.Enqueue(chunk.RecordAsync(intake, tenant, options.Source, file));
            chunk = new PendingChunk();
            if (underWay.Count == limits.ChunksAtATime) yield return await underWay.Dequeue();
        }
        if (items.AreAll) chunk.Add(reading.End()); // Of a run whose events are cut off nothing is taken.
        if (!items.IsCancelled) underWay.Enqueue(chunk.RecordAsync(intake, tenant, options.Source, file));
        while (underWay.TryDequeue(out var next)) yield return await next;
        items.ThrowIfEndedEarly();
    }

    private sealed class PendingChunk
    {
        private readonly List<CapturedItem> _items = [];
        private long _bytes;
        private long _readTo;
        private FramingFailure? _broken;

        public bool IsFull(ImportLimits limits) => _items.Count >= limits.ItemsInChunk || _bytes >= limits.BytesInChunk;

        public void Add(IReadOnlyList<CapturedItem> items) => _items.AddRange(items);

        public void Add(Framed framed, ImportedItems reading)
        {
            if (framed is FramedItem item)
            {
                Add(reading.Read(item));
                _bytes += item.Bytes.Length;
                _readTo = item.Offset + item.Bytes.Length;
            }
            else if (framed is FramingFailure failure) (_broken, _readTo) = (failure, failure.Offset);
        }

        public async Task<IntakeChunk> RecordAsync(ObservationIntake intake, TenantId tenant, string source, string? file)
        {
            var receipts = await intake.RecordAsync(tenant, _items, source, CancellationToken.None, file);
            return new IntakeChunk(receipts, IntakeCounts.Of(receipts), _readTo, _broken);
        }
    }
}

/// <summary>A part of an import that is committed.</summary>
/// <param name="Receipts">The receipts of its items.</param>
/// <param name="Counts">How many came to what, in this chunk alone.</param>
/// <param name="BytesRead">How far the input is read, in bytes; 0 for a last chunk without items.</param>
/// <param name="Broken">Where an array of items is broken; null unless this is the last chunk and it is.</param>
public sealed record IntakeChunk(IReadOnlyList<ItemReceipt> Receipts, IntakeCounts Counts, long BytesRead, FramingFailure? Broken);

/// <summary>How much of an import is in memory at a time.</summary>
public sealed record ImportLimits
{
    /// <summary>The items after which a chunk is recorded.</summary>
    public int ItemsInChunk { get; init; } = 2_000;

    /// <summary>The bytes after which a chunk is recorded.</summary>
    public long BytesInChunk { get; init; } = 8 * 1024 * 1024;

    /// <summary>How many chunks are on their way at a time.</summary>
    public int ChunksAtATime { get; init; } = 3;

    /// <summary>The memory in bytes for the snapshots read last, of which only the difference is read.</summary>
    public long RecentBytes { get; init; } = 2 * 1024 * 1024;

    /// <summary>The size in bytes beyond which an item is not read.</summary>
    public int LargestItem { get; init; } = ItemFraming.DefaultMaxItemBytes;
}
