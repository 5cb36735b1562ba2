using System.Buffers;
using RunLedger.Domain.Capture;
using RunLedger.Domain.Json;
using RunLedger.Domain.Observations;

namespace RunLedger.Domain.Quarantine;

/// <summary>Input that could not be recorded, kept with the reason until it can be.</summary>
/// <param name="Tenant">The tenant that it came for.</param>
/// <param name="Item">
/// The input exactly as it came; an observation that was read from it before it was refused, in an envelope; of what was too large to be held, where it stood
/// and how it began.
/// </param>
/// <param name="Source">The way it came, e.g. <c>push</c>.</param>
/// <param name="Pointer">Where in its batch or file it stood, e.g. <c>line 17</c>.</param>
/// <param name="Defect">Why it could not be recorded.</param>
/// <param name="ReceivedAt">When it came. UTC.</param>
public sealed record QuarantinedItem(
    TenantId Tenant, ReadOnlyMemory<byte> Item, string Source, string Pointer, Defect Defect, DateTimeOffset ReceivedAt)
{
    /// <summary>The item's identity: the same input is kept once.</summary>
    public Digest Digest { get; private init; } = Digest.Of(Item.Span);

    /// <summary>An observation that could be read, but not recorded: with all that its observer knew of it, and when it was seen.</summary>
    /// <inheritdoc cref="QuarantinedItem(TenantId, ReadOnlyMemory{byte}, string, string, Defect, DateTimeOffset)"/>
    public static QuarantinedItem Of(TenantId tenant, Observation observation, string pointer, Defect defect, DateTimeOffset receivedAt) =>
        new(tenant, Envelope(observation), observation.Source, pointer, defect, receivedAt)
        {
            // Of an assumed time another one may be assumed when the same comes again.
            Digest = Digest.Of(Envelope(observation.Basis == TimeBasis.Assumed ? observation with { ObservedAt = default } : observation).Span),
        };

    private static ReadOnlyMemory<byte> Envelope(Observation observation)
    {
        var line = new ArrayBufferWriter<byte>();
        ObservationWriter.Write(observation, line);
        return line.WrittenMemory[..^1];
    }
}
