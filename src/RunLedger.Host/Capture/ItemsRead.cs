using System.Runtime.ExceptionServices;
using RunLedger.Domain.Capture;

namespace RunLedger.Host.Capture;

/// <summary>
/// The items of a stream as far as it can be read. What ends the reading early is kept until what has been read is dealt with: what is committed of an
/// import is told of before its end is.
/// </summary>
internal sealed class ItemsRead(Stream input, int largestItem, CancellationToken cancellationToken)
{
    private ExceptionDispatchInfo? _ended;

    /// <summary>Whether the reading was cancelled: then no more is to be recorded than has been handed in.</summary>
    public bool IsCancelled => _ended?.SourceException is OperationCanceledException;

    /// <summary>Whether the stream was read to its end.</summary>
    public bool AreAll => _ended is null;

    /// <summary>Reads the items; ends without a word where the stream cannot be read on.</summary>
    public async IAsyncEnumerable<Framed> ReadAsync()
    {
        await using var items = ItemFraming.ReadAsync(input, largestItem, cancellationToken).GetAsyncEnumerator(cancellationToken);
        while (await MoveAsync(items)) yield return items.Current;
    }

    /// <summary>Says what ended the reading early, if anything did.</summary>
    /// <exception cref="IOException">The stream cannot be read.</exception>
    /// <exception cref="InvalidDataException">It is compressed, and cannot be unpacked.</exception>
    /// <exception cref="OperationCanceledException">The reading was cancelled.</exception>
    public void ThrowIfEndedEarly() => _ended?.Throw();

    private async ValueTask<bool> MoveAsync(IAsyncEnumerator<Framed> items)
    {
        try
        {
            cancellationToken.ThrowIfCancellationRequested();
            return await items.MoveNextAsync();
        }
        catch (Exception failure)
        {
            _ended = ExceptionDispatchInfo.Capture(failure);
            return false;
        }
    }
}
