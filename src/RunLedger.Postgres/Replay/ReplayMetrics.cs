using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace RunLedger.Postgres.Replay;

/// <summary>What verifications and rebuilds measure, under the meter <c>RunLedger</c>.</summary>
internal static class ReplayMetrics
{
    private static readonly Meter Meter = new("RunLedger");
    private static readonly ConcurrentDictionary<string, long> LastDifferences = new(StringComparer.Ordinal);

    private static readonly Counter<long> Verifications = Meter.CreateCounter<long>(
        "runledger.verifications", "{verification}", "Verifications of views, by whether they found differences.");

    private static readonly Histogram<double> Durations = Meter.CreateHistogram<double>("runledger.verification.duration", "s", "How long verifications took.");

    private static readonly Counter<long> Rebuilds = Meter.CreateCounter<long>("runledger.rebuilds", "{rebuild}", "Views that were rebuilt and switched, by view.");

    static ReplayMetrics() => Meter.CreateObservableGauge(
        "runledger.verification.differences",
        () => LastDifferences.Select(last => new Measurement<long>(last.Value, KeyValuePair.Create<string, object?>("view", last.Key))),
        "{difference}",
        "The differences that the last verification found in a view, lost events included.");

    public static void Found(string view, long differences) => LastDifferences[view] = differences;

    public static void Verified(IEnumerable<KeyValuePair<string, long>> differences, Verification verification)
    {
        foreach (var (view, number) in differences) Found(view, number);
        Verifications.Add(1, KeyValuePair.Create<string, object?>("result", verification.Differences == 0 ? "same" : "different"));
        Durations.Record(verification.Elapsed.TotalSeconds);
    }

    public static void Rebuilt(RebuildTarget target)
    {
        if (target.Runs) Rebuilds.Add(1, KeyValuePair.Create<string, object?>("view", ViewNames.Runs));
        if (target.Usage) Rebuilds.Add(1, KeyValuePair.Create<string, object?>("view", ViewNames.Usage));
    }
}
