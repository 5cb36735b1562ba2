using RunLedger.Domain.Observations;

namespace RunLedger.Domain.Capture;

/// <summary>What an item, or a part of one, turned out to be: <see cref="Observed"/>, <see cref="Rejected"/> or <see cref="Skipped"/>.</summary>
public abstract record CapturedItem
{
    private protected CapturedItem(ItemPointer at) => At = at;

    /// <summary>Where it stands in the input.</summary>
    public ItemPointer At { get; init; }
}

/// <summary>An observation of a run.</summary>
/// <param name="At">Where it stands in the input.</param>
/// <param name="Observation">What was observed.</param>
public sealed record Observed(ItemPointer At, Observation Observation) : CapturedItem(At);

/// <summary>Input that cannot be recorded.</summary>
/// <param name="At">Where it stands in the input.</param>
/// <param name="Defect">What is wrong with it.</param>
/// <param name="Raw">
/// Its bytes as they came, such that they can be sent in again: of the item, or of the part at fault where there are other parts. For an item that
/// was too large to be held, what <see cref="TooLarge"/> keeps of it.
/// </param>
public sealed record Rejected(ItemPointer At, Defect Defect, ReadOnlyMemory<byte> Raw) : CapturedItem(At)
{
    /// <summary>The run that it is about; null if that cannot be read.</summary>
    public RunId? Run => NamedRun.In(Raw);
}

/// <summary>Input that is in order and shows no run: an error answer, a deletion, a message.</summary>
/// <param name="At">Where it stands in the input.</param>
/// <param name="Reason">Why there is nothing to record, e.g. <c>error answer 404</c>.</param>
public sealed record Skipped(ItemPointer At, string Reason) : CapturedItem(At);
