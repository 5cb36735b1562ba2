using RunLedger.Postgres.Replay;

namespace RunLedger.Postgres.Recording;

/// <summary>How observations are recorded.</summary>
public sealed record RecorderOptions
{
    /// <summary>The most submissions that one transaction takes.</summary>
    public int LargestBatch { get; init; } = 2_000;

    /// <summary>
    /// The bytes of input after which a transaction takes no more submissions: PostgreSQL refuses a parameter of a gigabyte.
    /// </summary>
    public long LargestBatchBytes { get; init; } = 64 * 1024 * 1024;

    /// <summary>
    /// How many batches are decided and appended side by side. A run always goes the same way, so that its observations keep their order. One is best
    /// for many small submissions, which share its commits; two for bulk, where one decides while the other appends.
    /// </summary>
    public int Lanes { get; init; } = 1;

    /// <summary>How many bytes of run states are kept in memory, about, over all lanes.</summary>
    public long CacheBytes { get; init; } = 64 * 1024 * 1024;

    /// <summary>The definitions of views that this program can write; older ones are those of older programs.</summary>
    public ViewVersions Views { get; init; } = ViewVersions.OfThisProgram;

    /// <summary>
    /// How long it is tried again to record a submission while the database cannot be reached or is starting, before its submitter is told: from when it was
    /// handed in, or from the beginning of the outage.
    /// </summary>
    public TimeSpan RetryFor { get; init; } = TimeSpan.FromSeconds(30);
}
