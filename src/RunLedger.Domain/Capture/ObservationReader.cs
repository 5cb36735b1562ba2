using System.Text.Unicode;
using RunLedger.Domain.Json;
using RunLedger.Domain.Observations;
using RunLedger.Domain.Runs;

namespace RunLedger.Domain.Capture;

/// <summary>
/// Reads what an item shows: a snapshot as it is, a snapshot in an envelope, a list or an array of either, or a recorded HTTP exchange with its answer.
/// Snapshots are slices of the item's memory, which is kept as long as they are; no JSON is written anew.
/// </summary>
public static class ObservationReader
{
    /// <summary>Everything that an item shows, in order; nothing for an empty list.</summary>
    /// <param name="item">The item.</param>
    /// <param name="options">What to assume, and what to allow.</param>
    public static IReadOnlyList<CapturedItem> Read(FramedItem item, CaptureOptions options)
    {
        if (item.Defect is { } tooLarge) return [new Rejected(item.At, tooLarge, item.Bytes)];
        if (!Utf8.IsValid(item.Bytes.Span)) return [NoText(item.Bytes, item.At)];
        if (item.Bytes.Span.StartsWith("["u8)) return ReadParts(ItemFields.ReadElements(item.Bytes, options.MostParts), "", item, options);
        var read = ItemFields.Read(item.Bytes, options.Recent);
        if (read.Value is not { } fields) return [new Rejected(item.At, read.Defect!, item.Bytes)];
        if (fields.ObjectType == "list") return ReadParts(fields.ReadData(options.MostParts), "data", item, options);
        if (!ExchangeLine.Matches(fields)) return [ReadOne(fields, item.Bytes, item.At, options)];
        return options.AllowExchanges ? ReadExchange(ExchangeLine.Read(fields), item, options)
            : [new Rejected(item.At, new Defect("object", "is missing: this is a recorded exchange, and those can only be imported"), item.Bytes)];
    }

    /// <summary>Everything that a captured HTTP exchange shows, in order.</summary>
    /// <param name="exchange">The request and its answer.</param>
    /// <param name="at">Where the exchange stands in the input, for messages.</param>
    /// <param name="options">What to assume.</param>
    public static IReadOnlyList<CapturedItem> ReadExchange(Exchange exchange, ItemPointer at, CaptureOptions options) =>
        Utf8.IsValid(exchange.Body.Span) ? ExchangeReader.Read(exchange, at, exchange.Body, options) : [NoText(exchange.Body, at)];

    /// <summary>Input that is no text.</summary>
    internal static Rejected NoText(ReadOnlyMemory<byte> bytes, ItemPointer at) => new(at, new Defect("", "is not valid UTF-8"), bytes);

    /// <summary>The observation that a snapshot without any statement of its time makes.</summary>
    internal static Observation Assume(Snapshot snapshot, CaptureOptions options) =>
        new(snapshot, AssumedTime(snapshot, options), options.IsStated ? TimeBasis.Stated : TimeBasis.Assumed, options.Source)
        {
            CorrelationId = options.CorrelationId,
        };

    /// <summary>The time to assume for a snapshot.</summary>
    internal static DateTimeOffset AssumedTime(Snapshot snapshot, CaptureOptions options) =>
        options.ObservedAt?.ToMicroseconds() ?? DateTimeOffset.FromUnixTimeSeconds(Chronology.NewestTimestamp(name => snapshot[name]));

    private static IReadOnlyList<CapturedItem> ReadExchange(Checked<Exchange> exchange, FramedItem item, CaptureOptions options) =>
        exchange.Value is { } read ? ExchangeReader.Read(read, item.At, item.Bytes, options) : [new Rejected(item.At, exchange.Defect!, item.Bytes)];

    private static IReadOnlyList<CapturedItem> ReadParts(Checked<IReadOnlyList<JsonText>> parts, string of, FramedItem item, CaptureOptions options) =>
        parts.Value is { } elements
            ? [.. elements.Select((element, index) => ReadElement(element, item.At with { Part = $"{of}[{index}]" }, options))]
            : [new Rejected(item.At, parts.Defect!, item.Bytes)];

    private static CapturedItem ReadElement(JsonText element, ItemPointer at, CaptureOptions options)
    {
        var read = ItemFields.Read(element.Utf8, options.Recent);
        return read.Value is { } fields ? ReadOne(fields, element.Utf8, at, options) : new Rejected(at, read.Defect!, element.Utf8);
    }

    private static CapturedItem ReadOne(ItemFields fields, ReadOnlyMemory<byte> utf8, ItemPointer at, CaptureOptions options)
    {
        if (Envelope.Matches(fields))
        {
            var envelope = Envelope.Read(fields, options);
            return envelope.Value is { } observation ? new Observed(at, observation) : new Rejected(at, envelope.Defect!, utf8);
        }
        var read = Snapshot.Read(utf8, options.Recent);
        if (read.Value is { } snapshot) return new Observed(at, Assume(snapshot, options));
        return new Rejected(at, Envelope.IsMeant(fields, utf8) ? new Defect("snapshot", "is missing") : read.Defect!, utf8);
    }
}
