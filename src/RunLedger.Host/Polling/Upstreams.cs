using System.Diagnostics.CodeAnalysis;
using RunLedger.Postgres.Polling;

namespace RunLedger.Host.Polling;

/// <summary>The upstreams of the settings, by their names.</summary>
public sealed class Upstreams : IDisposable
{
    private readonly Dictionary<string, Upstream> _upstreams;
    private readonly Pace _usual;

    /// <summary>The upstreams of the settings.</summary>
    public Upstreams(PollingOptions options, TimeProvider clock, ILogger<Upstreams> logger)
    {
        _upstreams = options.Upstreams.Select((upstream, index) => new Upstream(upstream, options.Seed + index, clock, logger))
            .ToDictionary(upstream => upstream.Name, StringComparer.Ordinal);
        _usual = new Pace(new UpstreamOptions(), new Random(options.Seed));
    }

    /// <summary>All of them.</summary>
    public IReadOnlyCollection<Upstream> All => _upstreams.Values;

    /// <summary>Finds the upstream of a watch; there is none if the settings do not have it, or have it for another tenant.</summary>
    public bool TryFind(WatchKey watch, [NotNullWhen(true)] out Upstream? upstream)
    {
        upstream = _upstreams.GetValueOrDefault(watch.Upstream);
        if (upstream?.Tenant != watch.Tenant) upstream = null;
        return upstream is not null;
    }

    /// <summary>When a watch is polled next; as usual, where another host asked an upstream that is not in this one's settings.</summary>
    public Pace PaceOf(WatchKey watch) => TryFind(watch, out var upstream) ? upstream.Pace : _usual;

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var upstream in _upstreams.Values) upstream.Dispose();
    }
}
