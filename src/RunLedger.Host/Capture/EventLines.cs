using RunLedger.Domain.Capture;
using RunLedger.Domain.Observations;
using RunLedger.Domain.Runs;

namespace RunLedger.Host.Capture;

/// <summary>The lines of one run in an export of events, from version 1 on.</summary>
internal sealed class EventLines
{
    private readonly List<(EventLine Line, FramedItem Item)> _lines = [];

    /// <summary>Adds the run's next line; false if it is another run's, or not the next.</summary>
    public bool TryAdd(EventLine line, FramedItem item)
    {
        if (line.Version != _lines.Count + 1 || (_lines is [var (first, _), ..] && first.Run != line.Run)) return false;
        _lines.Add((line, item));
        return true;
    }

    /// <summary>The observations that made the events. Events at the end whose observation is not whole are rejected.</summary>
    public IEnumerable<CapturedItem> Observations()
    {
        if (_lines.Count == 0) return [];
        var closing = _lines.FindLastIndex(line => line.Line.Event.Closes is not null);
        return Whole(closing + 1).Concat(_lines.Skip(closing + 1).Select(line => new Rejected(
            line.Item.At, new Defect("", "is an event of an observation whose last event is not there"), line.Item.Bytes)));
    }

    private IEnumerable<CapturedItem> Whole(int count)
    {
        var history = new RunHistory(_lines[0].Line.Run, [.. _lines.Take(count).Select(Recorded)]);
        try
        {
            var observations = Retelling.Of(history, reference => throw new InvalidDataException($"Content {reference.Sha256} is not in it."));
            return [.. observations.Select(told => new Observed(_lines[(int)told.ToldAt - 1].Item.At, told.Observation))];
        }
        catch (InvalidDataException broken)
        {
            return [.. _lines.Take(count).Select(line => new Rejected(line.Item.At, new Defect("data", broken.Message), line.Item.Bytes))];
        }
    }

    // Where and when it stood in the ledger that it comes from does not matter to the one that it goes to.
    private static RecordedEvent Recorded((EventLine Line, FramedItem Item) line) =>
        new(line.Line.Version, line.Line.Version, line.Line.Event.Sighting.ObservedAt, line.Line.Event, line.Line.CorrelationId);
}
