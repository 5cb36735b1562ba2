using RunLedger.Domain.Observations;

namespace RunLedger.Host.Proxy.Copying;

/// <summary>A request that passes.</summary>
/// <param name="Tenant">The tenant that it is observed for.</param>
/// <param name="Method">Its method.</param>
/// <param name="Path">The path and query at the upstream, behind the upstream's own path.</param>
/// <param name="CorrelationId">The trace that it is a part of; null if the client states none.</param>
internal sealed record Passage(TenantId Tenant, string Method, string Path, string? CorrelationId)
{
    public override string ToString() => $"{Method} {Path}";
}
