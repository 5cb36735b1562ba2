using System.Text.Json;
using RunLedger.Domain.Capture;
using RunLedger.Domain.Json;
using RunLedger.Host.Api.Http;
using RunLedger.Host.Api.Keys;
using RunLedger.Host.Api.Problems;
using RunLedger.Host.Capture;

namespace RunLedger.Host.Api.Observations;

/// <summary>
/// <c>POST /v1/observations</c>: records snapshots, envelopes, lists of either, one or many of them. A bad item goes to quarantine and takes no
/// good one with it; only a body that cannot be read as a whole is refused, and then nothing of it is recorded.
/// </summary>
internal sealed class PushObservations(ObservationIntake intake, ApiOptions options, TimeProvider clock)
{
    private const int LongestCorrelationId = 512;

    /// <summary>Answers a request.</summary>
    public async Task PushAsync(HttpContext context)
    {
        var body = await RequestBody.ReadAsync(context, options.LargestBody);
        var capture = new CaptureOptions("push")
        {
            ObservedAt = clock.GetUtcNow(),
            MostParts = options.MostItems,
            Recent = intake.Recent,
            CorrelationId = CorrelationId(context.Request),
        };
        // What has been handed in is recorded, whether its client still waits or not.
        var receipts = await intake.RecordAsync(context.Tenant(), Read(body, capture, options.MostItems), capture.Source, CancellationToken.None);
        await Answer.JsonAsync(context, ReceiptList.Of(receipts), ApiJson.Web.ReceiptList);
    }

    private static IReadOnlyList<CapturedItem> Read(ReadOnlyMemory<byte> body, CaptureOptions options, int mostItems)
    {
        IReadOnlyList<CapturedItem>? first = null;
        List<CapturedItem>? items = null;
        FramedItem? unread = null;
        var anyIsRead = false;
        foreach (var framed in ItemFraming.Read(body))
        {
            if (framed is not FramedItem item) throw Unreadable((FramingFailure)framed);
            var read = ObservationReader.Read(item, options);
            if (first is null) first = read;
            else (items ??= [.. first]).AddRange(read);
            if ((items ?? first).Count > mostItems) throw TooMany(mostItems);
            if (!anyIsRead && read is [Rejected { Defect.Field: "" }] && Break(item) is not null) unread ??= item;
            else anyIsRead = true;
        }
        if (!anyIsRead && unread is not null) throw Unreadable(unread);
        return items ?? first ?? (IsEmptyArray(body) ? [] : throw new ApiException(StatusCodes.Status400BadRequest, "The body is empty."));
    }

    private static bool IsEmptyArray(ReadOnlyMemory<byte> body) => body.Span.Contains((byte)'[');

    private static ApiException TooMany(int mostItems) => new(
        StatusCodes.Status413PayloadTooLarge,
        $"Nothing was recorded: the body has more than {mostItems} items, which is the most that one request may have. "
            + "Send them in several requests, or as a file with the command `import`.");

    private static ApiException Unreadable(FramingFailure failure) =>
        new(Problem.Of(StatusCodes.Status400BadRequest, $"Nothing was recorded: {failure}.") with { Line = failure.Line, Offset = failure.Offset });

    private static ApiException Unreadable(FramedItem item)
    {
        var at = Break(item)!;
        var (line, column) = (item.At.Line + (at.LineNumber ?? 0), (at.BytePositionInLine ?? 0) + 1);
        return new ApiException(Problem.Of(StatusCodes.Status400BadRequest, $"Nothing was recorded: the body is not JSON at line {line}, byte {column} of it.")
            with
        { Line = line, Offset = item.Offset + OffsetOfLine(item.Bytes.Span, at.LineNumber ?? 0) + column - 1 });
    }

    // Where an item stops being JSON; null if it is JSON, however deep.
    private static JsonException? Break(FramedItem item)
    {
        try
        {
            var reader = new Utf8JsonReader(item.Bytes.Span, JsonText.ReaderOptions with { MaxDepth = int.MaxValue });
            while (reader.Read())
            {
            }
            return null;
        }
        catch (JsonException broken)
        {
            return broken;
        }
    }

    private static int OffsetOfLine(ReadOnlySpan<byte> text, long line)
    {
        var start = 0;
        for (; line > 0; line--) start += text[start..].IndexOf((byte)'\n') + 1;
        return start;
    }

    // What the client says, or else the trace that its request is a part of.
    private static string? CorrelationId(HttpRequest request) =>
        request.Headers["X-Correlation-Id"] is [{ Length: > 0 and <= LongestCorrelationId } stated] && ApiQuery.IsHoldable(stated)
            ? stated
            : TraceOfRequest.Of(request);
}
