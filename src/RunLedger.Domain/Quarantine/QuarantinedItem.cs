using RunLedger.Domain.Json;
using RunLedger.Domain.Observations;

namespace RunLedger.Domain.Quarantine;

/// <summary>Input that could not be recorded, kept with the reason until it can be.</summary>
/// <param name="Tenant">The tenant that it came for.</param>
/// <param name="Item">The input exactly as it came.</param>
/// <param name="Source">The way it came, e.g. <c>push</c>.</param>
/// <param name="Pointer">Where in its batch or file it stood, e.g. <c>line 17</c>.</param>
/// <param name="Defect">Why it could not be recorded.</param>
/// <param name="ReceivedAt">When it came. UTC.</param>
public sealed record QuarantinedItem(
    TenantId Tenant, ReadOnlyMemory<byte> Item, string Source, string Pointer, Defect Defect, DateTimeOffset ReceivedAt)
{
    /// <summary>The item's identity: the same input is kept once.</summary>
    public Digest Digest { get; } = Digest.Of(Item.Span);
}
