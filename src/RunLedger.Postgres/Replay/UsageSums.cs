using System.Runtime.InteropServices;
using RunLedger.Domain.Observations;
using RunLedger.Domain.Usage;

namespace RunLedger.Postgres.Replay;

/// <summary>Sums of usage by bucket.</summary>
internal sealed class UsageSums
{
    private readonly Dictionary<(TenantId Tenant, UsageKey Key), UsageAmounts> _sums = [];

    /// <summary>The sums.</summary>
    public IReadOnlyDictionary<(TenantId Tenant, UsageKey Key), UsageAmounts> All => _sums;

    /// <summary>Adds a run's contribution.</summary>
    public void Add(TenantId tenant, (UsageKey Key, UsageAmounts Amounts) contribution)
    {
        ref var sum = ref CollectionsMarshal.GetValueRefOrAddDefault(_sums, (tenant, contribution.Key), out _);
        sum += contribution.Amounts;
    }

    /// <summary>Takes a run's contribution away.</summary>
    public void Remove(TenantId tenant, (UsageKey Key, UsageAmounts Amounts) contribution) => Add(tenant, (contribution.Key, -contribution.Amounts));

    /// <summary>Begins anew.</summary>
    public void Clear() => _sums.Clear();
}
