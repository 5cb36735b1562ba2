using RunLedger.Domain.Observations;
using RunLedger.Domain.Quarantine;
using RunLedger.Domain.Runs;

namespace RunLedger.Postgres.Recording;

/// <summary>Something to be recorded: an observation, or input that is none and goes to quarantine.</summary>
public abstract record Submission
{
    private Submission()
    {
    }

    /// <summary>How many bytes the input has.</summary>
    internal abstract long Bytes { get; }

    /// <summary>An observation.</summary>
    /// <param name="Tenant">The tenant that it belongs to.</param>
    /// <param name="Observation">What was observed.</param>
    /// <param name="Pointer">Where in its batch or file it stood, e.g. <c>line 17</c>; should it have to go to quarantine after all.</param>
    public sealed record Observed(TenantId Tenant, Observation Observation, string Pointer) : Submission
    {
        internal override long Bytes => Observation.Snapshot.Json.Utf8.Length + (Observation.Request?.Body.Utf8.Length ?? 0);
    }

    /// <summary>Input that is no observation.</summary>
    /// <param name="Item">The input and what is wrong with it.</param>
    public sealed record Rejected(QuarantinedItem Item) : Submission
    {
        /// <summary>The run, where the input names one all the same.</summary>
        public RunId? Run { get; init; }

        internal override long Bytes => Item.Item.Length;
    }
}

/// <summary>What became of a submission. It is given only once that is committed and flushed to disk.</summary>
/// <param name="Run">The run; null if the input named none.</param>
/// <param name="Outcome">What became of it.</param>
/// <param name="Version">The version of the run's stream at which the snapshot is given back; null if it is in quarantine.</param>
/// <param name="Events">The aliases of the events that it made.</param>
/// <param name="Error">Why it is in quarantine; null if it is not.</param>
public sealed record Receipt(RunId? Run, Outcome Outcome, long? Version, IReadOnlyList<string> Events, Defect? Error);
