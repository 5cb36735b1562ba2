using System.Runtime.CompilerServices;
using RunLedger.Domain.Capture;
using RunLedger.Domain.Observations;
using RunLedger.Host.Capture;

namespace RunLedger.Host.CommandLine.Importing;

/// <summary>
/// Records an export of events: those of a run, which stand together, are folded into the observations that made them. Other items in between
/// are read as in any import.
/// </summary>
internal sealed class EventImport(ObservationIntake intake, TenantId tenant, CaptureOptions options, ImportLimits limits)
{
    private readonly List<CapturedItem> _items = [];
    private EventLines _run = new();
    private long _bytes;
    private long _readTo;

    /// <summary>Records all that the lines of a stream tell.</summary>
    /// <returns>Each chunk once it is committed, as <see cref="ObservationIntake.ImportAsync"/> gives them.</returns>
    public async IAsyncEnumerable<IntakeChunk> RunAsync(Stream input, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Task<IntakeChunk>? underWay = null;
        var items = new ItemsRead(input, limits.LargestItem, cancellationToken);
        await foreach (var framed in items.ReadAsync())
        {
            Take((FramedItem)framed);
            if (_items.Count < limits.ItemsInChunk && _bytes < limits.BytesInChunk) continue;
            if (underWay is not null) yield return await underWay;
            underWay = RecordAsync();
        }
        if (underWay is not null) yield return await underWay;
        if (items.AreAll) _items.AddRange(_run.Observations()); // Of a run whose events are cut off nothing is taken.
        if (!items.IsCancelled) yield return await RecordAsync();
        items.ThrowIfEndedEarly();
    }

    // Input that begins with an event's line is no array, and only arrays can break for good.
    private void Take(FramedItem item)
    {
        _readTo = item.Offset + item.Bytes.Length;
        _bytes += item.Bytes.Length;
        var read = item.Defect is null && Exporting.EventLine.IsMeant(item.Bytes.Span) ? Exporting.EventLine.Read(item.Bytes) : default;
        if (read.Value is { } line && _run.TryAdd(line, item)) return;

        _items.AddRange(_run.Observations());
        _run = new EventLines();
        if (read.Defect is { } defect) _items.Add(new Rejected(item.At, defect, item.Bytes));
        else if (read.Value is null) _items.AddRange(ObservationReader.Read(item, options));
        else if (!_run.TryAdd(read.Value, item))
            _items.Add(new Rejected(item.At, new Defect("version", $"is {read.Value.Version}, and the events before it are not there"), item.Bytes));
    }

    private async Task<IntakeChunk> RecordAsync()
    {
        CapturedItem[] items = [.. _items];
        _items.Clear();
        _bytes = 0;
        var readTo = _readTo;
        var receipts = await intake.RecordAsync(tenant, items, options.Source, CancellationToken.None);
        return new IntakeChunk(receipts, IntakeCounts.Of(receipts), readTo, null);
    }
}
