using RunLedger.Domain.Observations;

namespace RunLedger.Domain.Capture;

/// <summary>What <see cref="ItemFraming"/> finds in input: a <see cref="FramedItem"/>, or at the end a <see cref="FramingFailure"/>.</summary>
public abstract record Framed
{
    private protected Framed()
    {
    }
}

/// <summary>The text of one item.</summary>
/// <param name="Bytes">From the item's first byte to its last, without blanks around; if it was too large to be held, what <see cref="TooLarge"/> keeps.</param>
/// <param name="At">Where it stands.</param>
/// <param name="Offset">The offset of its first byte in the input, from 0.</param>
/// <param name="Defect">Why the item cannot be read although its end was found; null for most. Its text may still be no valid JSON.</param>
public sealed record FramedItem(ReadOnlyMemory<byte> Bytes, ItemPointer At, long Offset, Defect? Defect = null) : Framed;

/// <summary>Where an array of items is broken, so that no item after it can be found. The items before it are good.</summary>
/// <param name="Reason">What is wrong, as a sentence about the input.</param>
/// <param name="Offset">The offset of the byte at fault in the input, from 0.</param>
/// <param name="Line">The line of that byte, from 1.</param>
public sealed record FramingFailure(string Reason, long Offset, long Line) : Framed
{
    /// <inheritdoc/>
    public override string ToString() => $"{Reason} at byte {Offset}, line {Line}";
}

/// <summary>Where an item stands in the input, for people.</summary>
/// <param name="Number">The item's number in the input, from 1.</param>
/// <param name="Line">The line on which it begins, from 1.</param>
/// <param name="OneALine">Whether the input has one item a line, so that the line is what to look for.</param>
/// <param name="Part">The part of the item that is meant, e.g. <c>data[5]</c> or <c>event 4</c>; null for the whole.</param>
public readonly record struct ItemPointer(long Number, long Line, bool OneALine = false, string? Part = null)
{
    /// <inheritdoc/>
    public override string ToString()
    {
        var item = OneALine ? $"line {Line}" : $"item {Number}";
        return Part is null ? item : $"{item}, {Part}";
    }
}
