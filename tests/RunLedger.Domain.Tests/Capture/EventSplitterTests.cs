using System.Text;
using RunLedger.Domain.Capture;
using static RunLedger.Domain.Tests.Capture.CaptureSamples;

namespace RunLedger.Domain.Tests.Capture;

/// <summary>A stream that is split while it comes gives what the whole text gives.</summary>
public class EventSplitterTests
{
    private static readonly string[] Parts =
        ["data: a", "data:b", "data", "data:", "event: x", ": note", "id: 1", "\n", "\n", "\n", "\r\n", "\r\n", "\r", "\r", "data:  é\uFEFF", "{}", "database: a"];

    [Fact]
    public void Pieces_of_any_size_give_the_events_of_the_whole()
    {
        for (var seed = 0; seed < 2_000; seed++)
        {
            var random = new Random(seed);
            var text = Encoding.UTF8.GetBytes((seed % 3 == 0 ? "\uFEFF" : "") + string.Concat(random.GetItems(Parts, random.Next(30))));

            Assert.Equal(ServerSentEvents.DataOf(text).Select(Text), Split(text, random));
        }
    }

    [Fact]
    public void An_event_that_is_too_large_is_passed_over_and_the_next_is_given()
    {
        var text = Encoding.UTF8.GetBytes(
            $"data: 1234567890\n\ndata: {new string('x', 11)}\n\ndata: 12345\ndata: 67890\n\n: {new string('x', 100)}\ndata: last\n\n");
        for (var size = 1; size < text.Length; size += 7)
        {
            var splitter = new EventSplitter(largest: 10);
            var given = text.Chunk(size).SelectMany(piece => Take(splitter, piece)).ToList();

            // Whether a line of another field is passed over with its event depends on whether it comes in one piece.
            Assert.Equal("1234567890", given[0]);
            Assert.DoesNotContain(given, data => data.Contains('x', StringComparison.Ordinal) || data.StartsWith("12345\n", StringComparison.Ordinal));
            Assert.Equal(4, splitter.Number);
            Assert.Equal(4 - given.Count, splitter.PassedOver);
        }
    }

    [Fact]
    public void A_long_stream_of_small_events_holds_no_more_than_one()
    {
        var splitter = new EventSplitter(largest: 1_000_000);
        var piece = Encoding.UTF8.GetBytes("""data: {"object":"thread.message.delta"}""" + "\n\ndata: {\"beg");
        for (var i = 0; i < 10_000; i++)
        {
            Take(splitter, piece);
            Assert.InRange(splitter.Held, 0, 200);
            Take(splitter, "in\":1}\n\n"u8.ToArray());
            Assert.Equal(0, splitter.Held);
        }
        Assert.Equal((20_000, 0), (splitter.Number, splitter.PassedOver));
    }

    [Fact]
    public void Events_read_one_by_one_are_the_items_of_the_stream()
    {
        var text = $$$"""
            data: {{{Run("run_1")}}}

            data: {"object":"thread.message.delta"}

            data: {"type":"response.completed","response":{{{Response()}}}}

            data: {"object":"thr

            data: {"object":"thread.run","id":"run_1"}

            data: [DONE]

            """;
        var whole = new Exchange("POST", "/v1/responses", null, 200, "text/event-stream", Encoding.UTF8.GetBytes(text));
        var reader = new EventReader(null);
        var each = Split(whole.Body.ToArray(), new Random(1)).Select((data, index) => (Data: (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(data), index))
            .Where(each => EventReader.Shows(each.Data))
            .Select(each => reader.Read(each.Data, new ItemPointer(1, 1, Part: $"event {each.index + 1}"), Push)!);

        Assert.Equal(ObservationReader.ReadExchange(whole, new ItemPointer(1, 1), Push).Select(Told), each.Select(Told));
    }

    [Fact]
    public void What_is_no_text_is_rejected_in_an_exchange_and_in_an_event()
    {
        byte[] broken = [.. "{\"a\":\""u8, 0xFF, .. "\"}"u8];

        Assert.Equal("is not valid UTF-8", Assert.IsType<Rejected>(Assert.Single(
            ObservationReader.ReadExchange(new Exchange("GET", "/x", null, 200, "application/json", broken), default, Push))).Defect.Reason);
        Assert.True(EventReader.Shows(broken));
        Assert.Equal("is not valid UTF-8", Assert.IsType<Rejected>(new EventReader(null).Read(broken, default, Push)).Defect.Reason);
    }

    private static string Told(CapturedItem item) => item switch
    {
        Observed observed => $"{item.At} {observed.Observation.Snapshot.Json}",
        Rejected rejected => $"{item.At} {rejected.Defect} {Text(rejected.Raw)}",
        _ => $"{item}",
    };

    private static List<string> Split(byte[] text, Random random)
    {
        var splitter = new EventSplitter(largest: 1_000_000);
        var events = new List<string>();
        for (var at = 0; at < text.Length;)
        {
            var end = Math.Min(text.Length, at + 1 + random.Next(9));
            events.AddRange(Take(splitter, text[at..end]));
            at = end;
        }
        if (splitter.TryTakeLast(out var last)) events.Add(Text(last));
        Assert.Equal(events.Count, splitter.Number);
        return events;
    }

    private static List<string> Take(EventSplitter splitter, byte[] piece)
    {
        var events = new List<string>();
        ReadOnlySpan<byte> rest = piece;
        while (splitter.TryTake(ref rest, out var data)) events.Add(Text(data));
        return events;
    }

    private static string Text(ReadOnlyMemory<byte> data) => Encoding.UTF8.GetString(data.Span);
}
