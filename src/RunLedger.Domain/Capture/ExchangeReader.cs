using System.Text.Json;
using RunLedger.Domain.Json;
using RunLedger.Domain.Observations;

namespace RunLedger.Domain.Capture;

/// <summary>
/// Finds the snapshots in the answer of an exchange: the answer itself, the elements of a list, the events of a stream. What the answer is shows
/// in itself more surely than in its media type, which recorders and gateways lose.
/// </summary>
internal static class ExchangeReader
{
    private const string Deletion = "a deletion";
    private const string NoObject = "not a run but an answer that is no JSON object";

    private static ReadOnlySpan<byte> Blanks => " \t\r\n"u8;

    /// <summary>What the exchange shows, in order.</summary>
    /// <param name="exchange">The exchange.</param>
    /// <param name="at">Where it stands.</param>
    /// <param name="raw">What to keep if the answer as a whole is at fault.</param>
    /// <param name="options">What to assume.</param>
    public static IReadOnlyList<CapturedItem> Read(Exchange exchange, ItemPointer at, ReadOnlyMemory<byte> raw, CaptureOptions options)
    {
        if (exchange.Status is < 200 or > 299) return [new Skipped(at, $"{(exchange.Status < 400 ? "" : "error ")}answer {exchange.Status}")];
        var body = TextOf(exchange.Body);
        if (body.IsEmpty) return [new Skipped(at, "an answer without a body")];
        if (!IsLegible(exchange)) return [new Skipped(at, NoObject)];
        return body.Span[0] switch
        {
            (byte)'{' => ReadObject(exchange with { Body = body }, at, raw, options),
            (byte)'[' => ReadArray(body, at, raw, options),
            _ => ReadEvents(exchange, at, options),
        };
    }

    /// <summary>Whether the answer of an exchange is one that may show runs: an object, an array, or an event stream.</summary>
    public static bool IsLegible(Exchange exchange) =>
        TextOf(exchange.Body).Span is [(byte)'{' or (byte)'[', ..] || exchange.IsEventStream || ServerSentEvents.Begin(exchange.Body.Span);

    private static ReadOnlyMemory<byte> TextOf(ReadOnlyMemory<byte> body) => (body.Span.StartsWith("\uFEFF"u8) ? body[3..] : body).TrimStart(Blanks);

    private static CapturedItem[] ReadObject(Exchange exchange, ItemPointer at, ReadOnlyMemory<byte> raw, CaptureOptions options)
    {
        var body = ItemFields.Read(exchange.Body);
        if (body.Value is not { } fields) return [new Rejected(at, Envelope.Within("body", body.Defect!), raw)];
        if (fields.ObjectType == "list") return ReadList(fields, at, raw, options);
        if (!fields.IsRun) return ReadRunsIn(fields, at, options) ?? [new Skipped(at, NotARun(fields))];
        var snapshot = Snapshot.Read(exchange.Body, options.Recent);
        if (snapshot.Defect is { Field.Length: > 0 } && SaysDeleted(exchange.Body)) return [new Skipped(at, Deletion)];
        return snapshot.Value is null ? [new Rejected(at, Envelope.Within("body", snapshot.Defect!), raw)]
            : [new Observed(at, ObservationReader.Assume(snapshot.Value, options) with { Request = exchange.CapturedRequest })];
    }

    // A deletion may be answered with the deleted object's own type: {"id": "resp_1", "object": "response", "deleted": true}.
    private static bool SaysDeleted(ReadOnlyMemory<byte> body) => new JsonText(body).Property("deleted"u8) is { Kind: JsonValueKind.True };

    private static CapturedItem[] ReadList(ItemFields list, ItemPointer at, ReadOnlyMemory<byte> raw, CaptureOptions options)
    {
        var data = list.ReadData();
        if (data.Value is not { } elements) return [new Rejected(at, Envelope.Within("body", data.Defect!), raw)];
        return elements.Count == 0 ? [new Skipped(at, "an empty list")] : ReadParts(elements, "data", at, options);
    }

    // Not every list says that it is one. What has elements and no run among them is skipped as a whole.
    private static CapturedItem[]? ReadRunsIn(ItemFields page, ItemPointer at, CaptureOptions options) =>
        page.ReadData().Value is { } elements ? Runs(ReadParts(elements, "data", at, options)) : null;

    private static CapturedItem[] ReadArray(ReadOnlyMemory<byte> body, ItemPointer at, ReadOnlyMemory<byte> raw, CaptureOptions options)
    {
        var array = ItemFields.ReadElements(body);
        if (array.Value is not { } elements) return [new Rejected(at, Envelope.Within("body", array.Defect!), raw)];
        return Runs(ReadParts(elements, "body", at, options)) ?? [new Skipped(at, NoObject)];
    }

    private static CapturedItem[]? Runs(CapturedItem[] parts) => parts.All(part => part is Skipped) ? null : parts;

    private static CapturedItem[] ReadParts(IReadOnlyList<JsonText> elements, string array, ItemPointer at, CaptureOptions options) =>
        [.. elements.Select((element, index) => ReadPart(element.Utf8, at with { Part = $"{array}[{index}]" }, options))];

    private static CapturedItem ReadPart(ReadOnlyMemory<byte> utf8, ItemPointer at, CaptureOptions options)
    {
        var read = ItemFields.Read(utf8);
        if (read.Value is not { } fields) return new Skipped(at, $"not a run: it {read.Defect!.Reason}");
        if (!fields.IsRun) return new Skipped(at, NotARun(fields));
        var snapshot = Snapshot.Read(utf8, options.Recent);
        return snapshot.Value is null ? new Rejected(at, snapshot.Defect!, utf8)
            : new Observed(at, ObservationReader.Assume(snapshot.Value, options));
    }

    private static List<CapturedItem> ReadEvents(Exchange exchange, ItemPointer at, CaptureOptions options)
    {
        var items = new List<CapturedItem>();
        var events = new EventReader(exchange.CapturedRequest);
        var number = 0;
        foreach (var data in ServerSentEvents.DataOf(exchange.Body))
            if (events.Read(data, at with { Part = $"event {++number}" }, options) is { } item) items.Add(item);
        return items.Count == 0 ? [new Skipped(at, "an event stream without a snapshot")] : items;
    }

    /// <summary>What an event of a stream shows; null if that is no snapshot, and nothing that might have been one.</summary>
    public static CapturedItem? ReadEvent(ReadOnlyMemory<byte> data, ItemPointer at, CaptureOptions options)
    {
        if (FindSnapshot(ref data) is { } defect) return new Rejected(at, defect, data);
        return data.IsEmpty ? null : ReadPart(data, at, options);
    }

    /// <summary>
    /// Finds the snapshot in the data of an event: cuts the data down to it, or to nothing where it shows something else.
    /// </summary>
    /// <returns>Why the data cannot be read; null if it can.</returns>
    public static Defect? FindSnapshot(ref ReadOnlyMemory<byte> data)
    {
        // Of the blanks before its data an event's line loses one at most, and JSON may begin with any.
        data = data.Trim(Blanks);
        var read = data.Span is [(byte)'{', ..] ? ItemFields.Read(data) : default;
        if (read.Defect is { } defect) return defect;
        if (read.Value is not { IsRun: true }) data = read.Value is { } other ? ResponseIn(other) : default;
        return null;
    }

    private static ReadOnlyMemory<byte> ResponseIn(ItemFields fields) =>
        fields[ItemField.Response] is { Kind: JsonValueKind.Object } response && ItemFields.Read(response.Utf8).Value is { IsRun: true } ? response.Utf8 : default;

    private static string NotARun(ItemFields fields)
    {
        if ((fields.ObjectType ?? fields[ItemField.Type]?.AsString()) is not { } type) return "not a run but an object that names no type";
        if (type.EndsWith(".deleted", StringComparison.Ordinal)) return Deletion;
        return $"not a run but {(type.Length <= 60 ? type : type[..60] + "…")}";
    }
}
