using Microsoft.AspNetCore.Http.Features;
using RunLedger.Domain.Observations;

namespace RunLedger.Host.Api.Keys;

/// <summary>Who makes a request.</summary>
/// <param name="Name">The key's name, for logs.</param>
/// <param name="Tenant">The tenant that the key belongs to: all that the request reads and writes is this tenant's.</param>
/// <param name="Scopes">What the key allows.</param>
public sealed record Caller(string Name, TenantId Tenant, Scopes Scopes)
{
    /// <summary>The caller where no keys are configured.</summary>
    public static Caller OnLoopback { get; } = new("loopback", TenantId.Default, Scopes.All);
}

/// <summary>What a key allows.</summary>
[Flags]
public enum Scopes
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Recording observations.</summary>
    Observe = 1,

    /// <summary>Reading runs, reports and proofs.</summary>
    Read = 2,

    /// <summary>Retrying quarantined input, rebuilding projections.</summary>
    Admin = 4,

    /// <summary>Everything, which is what <c>admin</c> stands for in the settings.</summary>
    All = Observe | Read | Admin,
}

/// <summary>The caller of a request.</summary>
public static class CallerOfRequest
{
    /// <summary>The tenant of the key that the request came with.</summary>
    /// <exception cref="InvalidOperationException">The endpoint does not require a scope.</exception>
    public static TenantId Tenant(this HttpContext context) => context.Features.GetRequiredFeature<Caller>().Tenant;
}
