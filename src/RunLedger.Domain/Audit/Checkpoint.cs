using RunLedger.Domain.Json;
using RunLedger.Domain.Observations;

namespace RunLedger.Domain.Audit;

/// <summary>
/// All events of a tenant up to a moment, in 32 bytes. Who keeps it where those who can write the database cannot, finds out later whether any of these events
/// was changed, removed, moved, or joined by another.
/// </summary>
/// <param name="Tenant">Whose events.</param>
/// <param name="Size">How many.</param>
/// <param name="Root">The root of their tree, see <see cref="MerkleTree"/>.</param>
public sealed record Checkpoint(TenantId Tenant, long Size, Digest Root);
