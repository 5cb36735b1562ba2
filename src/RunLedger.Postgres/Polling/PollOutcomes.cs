namespace RunLedger.Postgres.Polling;

/// <summary>The names of poll outcomes, in the database and in metrics.</summary>
public static class PollOutcomes
{
    /// <summary>The name of an outcome.</summary>
    public static string Name(this PollOutcome outcome) => outcome switch
    {
        PollOutcome.Changed => "changed",
        PollOutcome.Unchanged => "unchanged",
        PollOutcome.Ended => "ended",
        PollOutcome.NotFound => "not_found",
        PollOutcome.RateLimited => "rate_limited",
        PollOutcome.Failed => "failed",
        PollOutcome.Unreadable => "unreadable",
        _ => "not_recorded",
    };

    /// <summary>The outcome of a name; null for no name, and for one that this program does not know.</summary>
    public static PollOutcome? Parse(string? name) => name switch
    {
        "changed" => PollOutcome.Changed,
        "unchanged" => PollOutcome.Unchanged,
        "ended" => PollOutcome.Ended,
        "not_found" => PollOutcome.NotFound,
        "rate_limited" => PollOutcome.RateLimited,
        "failed" => PollOutcome.Failed,
        "unreadable" => PollOutcome.Unreadable,
        "not_recorded" => PollOutcome.NotRecorded,
        _ => null,
    };
}
