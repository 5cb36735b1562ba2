using System.Text;
using RunLedger.Domain.Capture;

namespace RunLedger.Domain.Tests.Capture;

public class StreamFramingTests
{
    private static readonly string[] Pieces =
    [
        "{", "}", "[", "]", "\"", "\\", "\\\"", ",", ":", "\n", "\r\n", " ", "1", "x", "{\"a\":1}", "{\"b\":[2,{\"c\":\"}\"}]}", "\n{", "{\n \"d\": 4\n}",
        "\"s\"", "null", "{\"e\":\"a long text that makes the item too large\"}", "\uFEFF", "é",
    ];

    [Theory]
    [InlineData("\uFEFF{\"a\":\"\\\"}\"}\r\n\r\n{\"b\":[1]}\n{\"c\":\n{\"d\":4}\n")]
    [InlineData("{\"a\":1}\n\uFEFF{\"b\":2}\n\uFEFF\n\uFEFF[3]\n\uFEFF")]
    [InlineData("{\n \"a\": \"\\\\\",\n \"b\": [ ]\n}\n{\"c\":3} {\"d\":\"[\"}")]
    [InlineData("[{\"a\":\"]\"},\n 12 , \"x\\\"y\", [[]], {}]")]
    [InlineData("[{\"a\":1},\n{\"b\":2} {}")]
    [InlineData("{\n \"a\": [1}\n}\n{\n \"b\": \"cut\n}\n{\"c\":3}")]
    public async Task Framing_does_not_depend_on_how_the_input_is_cut(string input)
    {
        var bytes = Encoding.UTF8.GetBytes(input);
        for (var chunk = 1; chunk <= bytes.Length; chunk++) await AssertSameAsInMemory(bytes, chunk, ItemFraming.DefaultMaxItemBytes);
    }

    [Fact]
    public async Task Framing_of_anything_at_all_does_not_depend_on_how_it_is_cut()
    {
        var random = new Random(20260826);
        for (var round = 0; round < 2_000; round++)
        {
            var input = string.Concat(Enumerable.Range(0, random.Next(1, 25)).Select(_ => Pieces[random.Next(Pieces.Length)]));
            await AssertSameAsInMemory(Encoding.UTF8.GetBytes(input), random.Next(1, 9), random.Next(2) == 0 ? 20 : 1_000);
        }
    }

    [Fact]
    public async Task Every_byte_of_lines_and_values_that_is_no_blank_is_in_exactly_one_item()
    {
        var random = new Random(7);
        for (var round = 0; round < 2_000; round++)
        {
            var input = "{" + string.Concat(Enumerable.Range(0, random.Next(1, 25)).Select(_ => Pieces[random.Next(Pieces.Length - 2)]));
            var bytes = Encoding.UTF8.GetBytes(input);
            var covered = new int[bytes.Length];
            await foreach (var framed in ItemFraming.ReadAsync(new ChunkStream(bytes, 3)))
            {
                var item = Assert.IsType<FramedItem>(framed);
                for (var i = 0; i < item.Bytes.Length; i++) covered[(int)item.Offset + i]++;
            }
            for (var i = 0; i < bytes.Length; i++) Assert.True(covered[i] == 1 || (covered[i] == 0 && " \t\r\n".Contains((char)bytes[i])), input);
        }
    }

    [Fact]
    public async Task Items_larger_than_the_buffer_and_kept_ones_stay_whole()
    {
        var texts = Enumerable.Range(0, 12).Select(n => $"{{\"n\":{n},\"text\":\"{new string((char)('a' + n), n * 100_000)}\"}}").ToArray();
        var kept = new List<FramedItem>();
        await foreach (var framed in ItemFraming.ReadAsync(new ChunkStream(Encoding.UTF8.GetBytes(string.Join('\n', texts)), 70_001)))
            kept.Add(Assert.IsType<FramedItem>(framed));
        Assert.Equal(texts, kept.Select(item => Encoding.UTF8.GetString(item.Bytes.Span)));
    }

    [Theory]
    [InlineData("[", ",", "]")]
    [InlineData("", "\n", "\n")]
    public async Task An_item_that_is_too_large_is_passed_over_without_being_held(string open, string separator, string close)
    {
        const int filling = 256 * 1024 * 1024;
        var pattern = Encoding.UTF8.GetBytes($"{open}{{\"a\":1}}{separator}{{\"x\":\"");
        var end = Encoding.UTF8.GetBytes($"\"}}{separator}{{\"b\":2}}{close}");
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        var items = new List<FramedItem>();
        await foreach (var framed in ItemFraming.ReadAsync(new FilledStream(pattern, filling, end), maxItemBytes: 1024 * 1024))
            items.Add(Assert.IsType<FramedItem>(framed));

        Assert.Equal([false, true, false], items.Select(item => item.Defect is not null));
        Assert.Equal(pattern.Length + filling + end.Length, items[2].Offset + items[2].Bytes.Length + close.Length);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - allocated, 0, 64 * 1024 * 1024);
    }

    private static async Task AssertSameAsInMemory(byte[] input, int chunk, int maxItemBytes)
    {
        var streamed = new List<Framed>();
        await foreach (var framed in ItemFraming.ReadAsync(new ChunkStream(input, chunk), maxItemBytes)) streamed.Add(framed);
        Assert.Equal(ItemFraming.Read(input, maxItemBytes).Select(Shown), streamed.Select(Shown));
    }

    private static string Shown(Framed framed) => framed is FramedItem item
        ? $"{item.At} {item.At.Number} {item.At.Line} {item.Offset} {item.Defect} {Encoding.UTF8.GetString(item.Bytes.Span)}"
        : framed.ToString();

    /// <summary>Gives at most so many bytes at a time.</summary>
    private sealed class ChunkStream(byte[] content, int chunk) : MemoryStream(content)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(chunk, buffer.Length)], cancellationToken);
    }

    /// <summary>A beginning, many times the letter x, and an end.</summary>
    private sealed class FilledStream(byte[] beginning, long filling, byte[] end) : MemoryStream
    {
        private long _at;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var read = _at < beginning.Length ? Copy(beginning, _at, buffer)
                : _at < beginning.Length + filling ? Fill(buffer[..(int)Math.Min(buffer.Length, beginning.Length + filling - _at)])
                : Copy(end, _at - beginning.Length - filling, buffer);
            _at += read;
            return ValueTask.FromResult(read);
        }

        private static int Copy(byte[] from, long at, Memory<byte> buffer)
        {
            var length = Math.Min(buffer.Length, from.Length - (int)at);
            from.AsSpan((int)at, length).CopyTo(buffer.Span);
            return length;
        }

        private static int Fill(Memory<byte> buffer)
        {
            buffer.Span.Fill((byte)'x');
            return buffer.Length;
        }
    }
}
