using RunLedger.Domain.Observations;

namespace RunLedger.Host.Polling;

/// <summary>An upstream while it is polled: the way to it, its pace, and how it does.</summary>
internal sealed class Upstream(UpstreamOptions options, int seed, TimeProvider clock) : IDisposable
{
    private static readonly TimeSpan ShortestBreak = TimeSpan.FromMilliseconds(100);

    public string Name => options.Name;

    public TenantId Tenant { get; } = new(options.Tenant);

    public UpstreamClient Client { get; } = new(options, clock);

    public Pace Pace { get; } = new(options, new Random(seed));

    public Circuit Circuit { get; } = new(Longer(options.PollInterval, ShortestBreak), Longer(options.LongestPause, ShortestBreak), clock);

    /// <summary>How many polls are under way.</summary>
    public int Active { get; set; }

    /// <summary>How many more polls may be begun.</summary>
    public int Room => Circuit.Room(Active, options.MaxConcurrency);

    public void Dispose() => Client.Dispose();

    private static TimeSpan Longer(TimeSpan one, TimeSpan other) => one > other ? one : other;
}
