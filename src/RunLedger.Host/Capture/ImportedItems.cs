using RunLedger.Domain.Capture;
using RunLedger.Domain.Observations;

namespace RunLedger.Host.Capture;

/// <summary>
/// Reads the items of an import, one after another. The events of a run, which stand together in an export of events, are folded into the
/// observations that made them; every other item is read by itself.
/// </summary>
internal sealed class ImportedItems(CaptureOptions options)
{
    private EventLines? _run;

    /// <summary>What is known with an item that was not before it: nothing yet of a run whose events go on.</summary>
    public IReadOnlyList<CapturedItem> Read(FramedItem item)
    {
        var read = item.Defect is null && EventLine.IsMeant(item.Bytes.Span) ? EventLine.Read(item.Bytes) : default;
        if (read.Value is { } line && _run is not null && _run.TryAdd(line, item)) return [];
        var (ended, shown) = (End(), ReadFirst(read, item));
        return ended.Count == 0 ? shown : [.. ended, .. shown];
    }

    /// <summary>What the run shows whose events came last, if they did.</summary>
    public IReadOnlyList<CapturedItem> End()
    {
        if (_run is not { } run) return [];
        _run = null;
        return [.. run.Observations()];
    }

    private IReadOnlyList<CapturedItem> ReadFirst(Checked<EventLine> read, FramedItem item)
    {
        if (read.Defect is { } defect) return [new Rejected(item.At, defect, item.Bytes)];
        if (read.Value is not { } line) return ObservationReader.Read(item, options);
        _run = new EventLines();
        if (_run.TryAdd(line, item)) return [];
        return [new Rejected(item.At, new Defect("version", $"is {line.Version}, and the events before it are not there"), item.Bytes)];
    }
}
