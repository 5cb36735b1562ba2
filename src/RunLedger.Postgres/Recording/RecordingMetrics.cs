using System.Diagnostics.Metrics;
using RunLedger.Domain.Runs;

namespace RunLedger.Postgres.Recording;

/// <summary>What the recorder measures, under the meter <c>RunLedger</c>.</summary>
internal static class RecordingMetrics
{
    private static readonly Meter Meter = new("RunLedger");

    private static readonly Counter<long> Observations = Meter.CreateCounter<long>(
        "runledger.observations", "{observation}", "Submissions that were recorded, by outcome.");

    private static readonly Histogram<int> BatchSizes = Meter.CreateHistogram<int>(
        "runledger.batch.size", "{observation}", "Submissions that shared one transaction.");

    private static readonly Histogram<double> BatchDurations = Meter.CreateHistogram<double>(
        "runledger.batch.duration", "s", "From taking a batch to its commit.");

    public static void Count(Outcome outcome) => Observations.Add(1, KeyValuePair.Create<string, object?>("outcome", Name(outcome)));

    public static void Recorded(int size, TimeSpan duration)
    {
        BatchSizes.Record(size);
        BatchDurations.Record(duration.TotalSeconds);
    }

    private static string Name(Outcome outcome) => outcome switch
    {
        Outcome.Recorded => "recorded",
        Outcome.Unchanged => "unchanged",
        Outcome.Late => "late",
        _ => "quarantined",
    };
}
