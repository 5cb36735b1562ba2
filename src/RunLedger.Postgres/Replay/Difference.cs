namespace RunLedger.Postgres.Replay;

/// <summary>Something that is not as the events make it.</summary>
/// <param name="In">Where: <c>events</c>, <c>runs</c> or <c>usage</c>.</param>
/// <param name="Tenant">Whose.</param>
/// <param name="Of">The run, or the bucket.</param>
/// <param name="What">What differs, in words.</param>
public sealed record Difference(string In, string Tenant, string Of, string What)
{
    /// <summary>Where differences of events are: one is lost, or has no stream.</summary>
    public const string Events = "events";

    /// <inheritdoc/>
    public override string ToString() => $"{In}: {Of} of tenant {Tenant}: {What}";
}

/// <summary>What a verification found.</summary>
/// <param name="Events">The events read.</param>
/// <param name="Runs">The runs recomputed.</param>
/// <param name="Differences">How many differences there are.</param>
/// <param name="Elapsed">How long it took.</param>
public sealed record Verification(long Events, long Runs, long Differences, TimeSpan Elapsed);

/// <summary>What became of a request to verify views if it is time to.</summary>
/// <param name="Made">The verification; null if it was not time, or somebody is at it.</param>
/// <param name="Wait">When to ask again.</param>
public readonly record struct VerificationTurn(Verification? Made, TimeSpan Wait);
