using RunLedger.Domain.Json;

namespace RunLedger.Domain.Observations;

/// <summary>A snapshot that somebody saw: what it showed, when, and by which way it came here.</summary>
/// <param name="Snapshot">What was seen.</param>
/// <param name="ObservedAt">When it was seen; kept in UTC, to the microsecond (see <see cref="Times.ToMicroseconds"/>).</param>
/// <param name="Basis">Whether the observer said so, or the time is the ledger's assumption.</param>
/// <param name="Source">The way it came, e.g. <c>push</c>, <c>poll</c>, <c>proxy</c>, <c>import</c>; at most 64 characters.</param>
public sealed record Observation(Snapshot Snapshot, DateTimeOffset ObservedAt, TimeBasis Basis, string Source)
{
    /// <summary>When it was seen, UTC, to the microsecond, however it was given.</summary>
    public DateTimeOffset ObservedAt { get; init => field = value.ToMicroseconds(); } = ObservedAt.ToMicroseconds();

    /// <summary>The request that the snapshot answered, where it was captured.</summary>
    public CapturedRequest? Request { get; init; }

    /// <summary>What ties this observation to work elsewhere, e.g. a W3C trace id; stored with its events.</summary>
    public string? CorrelationId { get; init; }
}

/// <summary>How well the time of an observation is known.</summary>
public enum TimeBasis
{
    /// <summary>The observer stated it: it decides what is older and what is newer.</summary>
    Stated,

    /// <summary>
    /// Nobody stated it; the ledger assumed the time of receipt, or the newest timestamp in the snapshot. What is older and what is newer is then
    /// decided by what the snapshot shows, and one that was seen before is the same observation again.
    /// </summary>
    Assumed,
}

/// <summary>A request to the API whose answer was a snapshot.</summary>
/// <param name="Kind">Which request.</param>
/// <param name="Body">Its exact JSON body.</param>
public sealed record CapturedRequest(RequestKind Kind, JsonText Body);

/// <summary>The requests that change a run.</summary>
public enum RequestKind
{
    /// <summary>Create run, create thread and run, or create response.</summary>
    Create,

    /// <summary>Submit tool outputs.</summary>
    SubmitToolOutputs,

    /// <summary>Modify run: its metadata.</summary>
    Modify,
}

/// <summary>Times as the ledger keeps them.</summary>
public static class Times
{
    /// <summary>The latest moment that the ledger can hold, in seconds since the epoch: the last second of the year 9999.</summary>
    public const long MaxUnixSeconds = 253_402_300_799;

    /// <summary>The time in UTC without what PostgreSQL cannot hold: ticks below a microsecond.</summary>
    public static DateTimeOffset ToMicroseconds(this DateTimeOffset time)
    {
        var utc = time.ToUniversalTime();
        return utc.AddTicks(-(utc.Ticks % TimeSpan.TicksPerMicrosecond));
    }
}
