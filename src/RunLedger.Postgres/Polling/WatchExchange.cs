using RunLedger.Domain.Observations;

namespace RunLedger.Postgres.Polling;

/// <summary>What a host hands in to the <see cref="WatchStore"/>, and has room for.</summary>
public sealed record WatchExchange
{
    /// <summary>The host: a name that no other host, and no earlier start of this one, has.</summary>
    public required string Owner { get; init; }

    /// <summary>How long what is taken or renewed now is this host's alone.</summary>
    public required TimeSpan Lease { get; init; }

    /// <summary>What has become of watches that this host took. Those whose lease is another's by now are left alone.</summary>
    public IReadOnlyList<SettledWatch> Settled { get; init; } = [];

    /// <summary>Watches that this host took and still polls.</summary>
    public IReadOnlyList<WatchKey> Renewed { get; init; } = [];

    /// <summary>How many watches to take, by upstream.</summary>
    public IReadOnlyList<UpstreamRoom> Rooms { get; init; } = [];
}

/// <summary>A watch that has had its turn.</summary>
/// <param name="Key">The watch.</param>
/// <param name="Settlement">What becomes of it.</param>
public readonly record struct SettledWatch(WatchKey Key, Settlement Settlement);

/// <summary>How many more watches of an upstream a host can poll.</summary>
/// <param name="Tenant">The tenant that the upstream belongs to.</param>
/// <param name="Upstream">The upstream's name.</param>
/// <param name="Places">How many.</param>
public readonly record struct UpstreamRoom(TenantId Tenant, string Upstream, int Places);

/// <summary>What a host gets from the <see cref="WatchStore"/>.</summary>
/// <param name="Taken">The watches that are this host's now.</param>
/// <param name="NextDue">When the next one of the same upstreams is due, from now, negative if it is already; null if they have none.</param>
public sealed record DueWatches(IReadOnlyList<Watch> Taken, TimeSpan? NextDue);

/// <summary>A watch as a user sees it.</summary>
/// <param name="Key">What is polled.</param>
/// <param name="NextPollAt">When it is polled next. UTC, by the database's clock.</param>
/// <param name="Attempts">How many polls in a row failed; 0 if the last did not.</param>
/// <param name="LastOutcome">What the last poll came to; null before the first.</param>
/// <param name="LastError">Why it failed; null if it did not.</param>
/// <param name="CreatedAt">When it was added. UTC, by the database's clock.</param>
public sealed record WatchView(
    WatchKey Key, DateTimeOffset NextPollAt, int Attempts, PollOutcome? LastOutcome, string? LastError, DateTimeOffset CreatedAt);
