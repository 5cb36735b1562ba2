using System.Runtime.CompilerServices;
using RunLedger.Domain.Observations;

namespace RunLedger.Domain.Capture;

/// <summary>
/// Finds the items in input without reading them: one a line (NDJSON), one JSON value over any number of lines, JSON values one after
/// another, or the elements of JSON arrays. The first byte that is no blank and the first line tell which: <c>[</c> begins an array; a
/// first line that ends within a value, or in which a second one begins, means values; all else means lines. What follows an array and is none
/// tells anew; an array among lines or values is one item. A broken line is one bad item and takes no other with it. Memory is bounded by the largest item.
/// </summary>
public static class ItemFraming
{
    /// <summary>The size beyond which an item is passed over, in bytes: 64 MiB.</summary>
    public const int DefaultMaxItemBytes = 64 * 1024 * 1024;

    /// <summary>The items of input that is in memory, as slices of it; after them a <see cref="FramingFailure"/> where an array is broken.</summary>
    /// <param name="input">The whole input, UTF-8, with or without a byte order mark.</param>
    /// <param name="maxItemBytes">The size beyond which an item is given with a defect and without its text.</param>
    public static IEnumerable<Framed> Read(ReadOnlyMemory<byte> input, int maxItemBytes = DefaultMaxItemBytes)
    {
        var scanner = new ItemScanner(maxItemBytes);
        while (true)
        {
            switch (scanner.Next(input.Span, 0, ended: true))
            {
                case ScanStep.Item:
                    var found = scanner.Found;
                    yield return found.TooLarge ? Noted(found, scanner.Beginning, maxItemBytes)
                        : new FramedItem(input[(int)found.Start..(int)found.End], found.At, found.Start);
                    break;
                case ScanStep.Failure:
                    yield return scanner.Failure!;
                    yield break;
                default:
                    yield break;
            }
        }
    }

    /// <summary>
    /// The items of a stream, each in memory of its own that may be kept; after them a <see cref="FramingFailure"/> where an array is broken.
    /// </summary>
    /// <param name="input">The stream, UTF-8, with or without a byte order mark; read to its end, not disposed.</param>
    /// <param name="maxItemBytes">The size beyond which an item is given with a defect and without its text.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <exception cref="IOException">The stream cannot be read.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellation"/> was requested.</exception>
    public static async IAsyncEnumerable<Framed> ReadAsync(
        Stream input, int maxItemBytes = DefaultMaxItemBytes, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        var scanner = new ItemScanner(maxItemBytes);
        var window = new StreamWindow(input);
        while (true)
        {
            switch (scanner.Next(window.Bytes, window.Offset, window.Ended))
            {
                case ScanStep.Item:
                    var found = scanner.Found;
                    yield return found.TooLarge ? Noted(found, scanner.Beginning, maxItemBytes)
                        : new FramedItem(window.Copy(found.Start, found.End), found.At, found.Start);
                    break;
                case ScanStep.Failure:
                    yield return scanner.Failure!;
                    yield break;
                case ScanStep.End:
                    yield break;
                default:
                    await window.ReadOnAsync(scanner.Keep, cancellation);
                    break;
            }
        }
    }

    private static FramedItem Noted(FoundItem found, ReadOnlyMemory<byte> beginning, int maxItemBytes) =>
        new(TooLarge.NoteOf(found, beginning.Span), found.At, found.Start, new Defect("", $"is larger than {maxItemBytes} bytes"));
}
