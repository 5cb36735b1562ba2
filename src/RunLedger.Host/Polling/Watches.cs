using RunLedger.Domain.Observations;
using RunLedger.Postgres;
using RunLedger.Postgres.Polling;

namespace RunLedger.Host.Polling;

/// <summary>What is watched: runs until they end, and threads for runs.</summary>
public sealed class Watches : IDisposable
{
    private const string NoId = "is empty, too long, dots alone, or has characters that no id has";

    private readonly PollingOptions _options;

    /// <summary>The watches of a ledger.</summary>
    public Watches(Ledger ledger, PollingOptions options, TimeProvider clock)
    {
        _options = options;
        Store = new WatchStore(ledger.DataSource);
        Poller = new WakeUp(clock);
    }

    /// <summary>Where they are kept.</summary>
    internal WatchStore Store { get; }

    /// <summary>Wakes this host's poller.</summary>
    internal WakeUp Poller { get; }

    /// <summary>Watches a run until it ends, or a thread for runs. What is watched already stays as it is.</summary>
    /// <param name="tenant">The tenant; the upstream must be its own.</param>
    /// <param name="upstream">The upstream's name in the setting <c>Upstreams</c>.</param>
    /// <param name="threadId">The thread.</param>
    /// <param name="runId">The run; null for the thread itself.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Whether it was not watched before. When this returns the watch is committed; it is polled at once.</returns>
    /// <exception cref="ArgumentException">What <see cref="Check"/> finds.</exception>
    /// <exception cref="Npgsql.NpgsqlException">The database cannot be reached.</exception>
    public async Task<bool> AddAsync(TenantId tenant, string upstream, string threadId, string? runId, CancellationToken cancellationToken)
    {
        if (Check(tenant, upstream, threadId, runId) is { } defect) throw new ArgumentException($"The watch's {defect}.");
        var added = await Store.AddAsync([new WatchKey(tenant, upstream, threadId, runId ?? "")], cancellationToken);
        Poller.Call();
        return added > 0;
    }

    /// <summary>Watches the threads of the settings.</summary>
    internal Task AddConfiguredThreadsAsync(CancellationToken cancellationToken) => Store.AddAsync(
        [
            .. from upstream in _options.Upstreams
               from thread in upstream.Threads
               select new WatchKey(new TenantId(upstream.Tenant), upstream.Name, thread, ""),
        ],
        cancellationToken);

    /// <summary>Watches runs that a thread was found to have.</summary>
    /// <returns>How many were not watched before.</returns>
    internal async Task<int> FollowAsync(IReadOnlyList<WatchKey> runs, CancellationToken cancellationToken)
    {
        var added = await Store.AddAsync(runs, cancellationToken);
        if (added > 0) Poller.Call();
        return added;
    }

    /// <summary>Watches a run or a thread no more; a poll that is under way is recorded all the same.</summary>
    /// <returns>Whether it was watched.</returns>
    /// <exception cref="Npgsql.NpgsqlException">The database cannot be reached.</exception>
    public Task<bool> RemoveAsync(WatchKey watch, CancellationToken cancellationToken) => Store.RemoveAsync(watch, cancellationToken);

    /// <summary>What is wrong with a watch; null if it can be added.</summary>
    public Defect? Check(TenantId tenant, string? upstream, string? threadId, string? runId) =>
        upstream is null ? new Defect("upstream", "is missing")
        : !_options.Upstreams.Any(known => known.Name == upstream && known.Tenant == tenant.Value)
            ? new Defect("upstream", $"is '{upstream}', which is no upstream of this tenant in the settings")
        : threadId is null ? new Defect("thread_id", "is missing")
        : !PollingRules.IsId(threadId) ? new Defect("thread_id", NoId)
        : runId is not null && !PollingRules.IsId(runId) ? new Defect("run_id", NoId)
        : null;

    /// <summary>A tenant's watches in the order of upstream, thread and run.</summary>
    /// <param name="tenant">The tenant.</param>
    /// <param name="after">The watch after which the page begins; null for the first.</param>
    /// <param name="limit">The most watches to list.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<IReadOnlyList<WatchView>> ListAsync(TenantId tenant, WatchKey? after, int limit, CancellationToken cancellationToken) =>
        Store.ListAsync(tenant, after, limit, cancellationToken);

    /// <inheritdoc/>
    public void Dispose() => Poller.Dispose();
}
