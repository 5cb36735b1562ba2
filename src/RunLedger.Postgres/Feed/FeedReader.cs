using RunLedger.Domain.Observations;

namespace RunLedger.Postgres.Feed;

/// <summary>Somebody who reads a tenant's events, from when they come to when they leave.</summary>
internal sealed class FeedReader : IDisposable
{
    private const long Waiting = long.MaxValue;

    private readonly CommitWatcher _watcher;
    private long _position;

    /// <param name="watcher">Knows what there is.</param>
    /// <param name="tenant">Whose events are read.</param>
    /// <param name="after">The position after which the reader begins; null for what comes from now on.</param>
    public FeedReader(CommitWatcher watcher, TenantId tenant, long? after)
    {
        (_watcher, Tenant, _position) = (watcher, tenant, after ?? Waiting);
        Tail = watcher.Join(tenant);
        FeedMetrics.Joined(this);
    }

    public TenantId Tenant { get; }

    public TenantTail Tail { get; }

    /// <summary>How many positions there are after those that the reader has been given.</summary>
    public long Lag => Math.Max(0, _watcher.Newest - Volatile.Read(ref _position));

    /// <summary>Says that the reader is being given what is up to a position.</summary>
    public void IsAt(long position) => Volatile.Write(ref _position, position);

    /// <summary>Says that the reader has been given all that there is: what others append meanwhile does not leave it behind.</summary>
    public void Waits() => Volatile.Write(ref _position, Waiting);

    public void Dispose()
    {
        FeedMetrics.Left(this);
        _watcher.Leave(Tenant);
    }
}
