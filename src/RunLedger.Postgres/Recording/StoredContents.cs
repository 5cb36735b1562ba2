using System.Collections.Concurrent;
using RunLedger.Domain.Json;
using RunLedger.Domain.Observations;

namespace RunLedger.Postgres.Recording;

/// <summary>Remembers contents that are known to be stored, so that instructions shared by a million runs are sent once. Contents are never deleted.</summary>
internal sealed class StoredContents(int capacity)
{
    private readonly ConcurrentDictionary<(TenantId Tenant, Digest Sha256), byte> _known = new();

    /// <summary>Forgets what is stored, since what answers next may be another server.</summary>
    public void Clear() => _known.Clear();

    public bool Has((TenantId Tenant, Digest Sha256) content) => _known.ContainsKey(content);

    public void Add((TenantId Tenant, Digest Sha256) content)
    {
        if (_known.Count >= capacity) _known.Clear();
        _known.TryAdd(content, 0);
    }
}
