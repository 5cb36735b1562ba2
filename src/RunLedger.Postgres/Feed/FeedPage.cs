using RunLedger.Domain.Observations;
using RunLedger.Domain.Runs;

namespace RunLedger.Postgres.Feed;

/// <summary>Some events of a tenant, in the order of their positions.</summary>
/// <param name="Events">The events that were asked for; none where there are none up to <paramref name="Position"/>.</param>
/// <param name="Position">
/// All events that were asked for up to here are in this page or the ones before it, and none will ever be committed there later: a reader that
/// goes on after it misses nothing.
/// </param>
/// <param name="AtHead">Whether the tenant had no more events when the page was read.</param>
public sealed record FeedPage(IReadOnlyList<FeedEvent> Events, long Position, bool AtHead);

/// <summary>An event and the run to which it happened.</summary>
/// <param name="Run">The run.</param>
/// <param name="Recorded">The event as it stands in the ledger.</param>
public sealed record FeedEvent(RunId Run, RecordedEvent Recorded);

/// <summary>Which events to read.</summary>
public sealed record FeedRequest
{
    /// <summary>The position after which to begin; null for the head, so that only what is committed from now on is read.</summary>
    public long? After { get; init; } = 0;

    /// <summary>The names of the event types, whatever the version in which they are stored; null for all.</summary>
    public IReadOnlyCollection<string>? Types { get; init; }

    /// <summary>Whether to wait for more at the head, for ever, instead of ending there.</summary>
    public bool Follow { get; init; }

    /// <summary>After so long at the head without an event, an empty page tells that the reading goes on, and how far it got.</summary>
    public TimeSpan Idle { get; init; } = TimeSpan.FromSeconds(15);
}
