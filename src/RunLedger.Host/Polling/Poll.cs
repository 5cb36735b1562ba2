using RunLedger.Postgres.Polling;

namespace RunLedger.Host.Polling;

/// <summary>
/// A poll that is to be made: a message, where messages are the schedule. It is good for one turn of its watch: once the watch has gone on without
/// it, or is gone, it does nothing.
/// </summary>
/// <param name="Watch">What to poll, as it was after the poll before.</param>
/// <param name="Turn">The name under which the watch is held for this poll.</param>
/// <param name="DueAt">When it is to be made. UTC.</param>
public abstract record Poll(Watch Watch, string Turn, DateTimeOffset DueAt)
{
    /// <summary>The poll of a watch.</summary>
    public static Poll Of(Watch watch, string turn, DateTimeOffset dueAt) =>
        watch.Key.IsThread ? new PollThread(watch, turn, dueAt) : new PollRun(watch, turn, dueAt);
}
