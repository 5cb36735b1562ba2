using RunLedger.Postgres.Polling;

namespace RunLedger.Host.Polling;

/// <summary>A poll that is under way.</summary>
internal sealed class Flight(Poll poll, Upstream upstream, long startedAt)
{
    public Poll Poll { get; } = poll;

    public Upstream Upstream { get; } = upstream;

    /// <summary>When it began, by the clock's timestamps.</summary>
    public long StartedAt { get; } = startedAt;

    /// <summary>When the watch was last leased, by the clock's timestamps.</summary>
    public long LeasedAt { get; set; } = startedAt;

    /// <summary>Ends, and never fails, when the poll has landed.</summary>
    public Task Course { get; set; } = Task.CompletedTask;
}

/// <summary>A poll that is over.</summary>
internal readonly record struct Landing(WatchKey Watch, PollResult Result);
