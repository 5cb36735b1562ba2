using System.Diagnostics.Metrics;
using RunLedger.Postgres.Polling;

namespace RunLedger.Host.Polling;

/// <summary>What the poller measures, under the meter <c>RunLedger</c>.</summary>
internal static class PollingMetrics
{
    private static readonly Meter Meter = new("RunLedger");

    private static readonly Counter<long> Polls = Meter.CreateCounter<long>("runledger.polls", "{poll}", "Polls, by upstream and outcome.");

    private static readonly Histogram<double> Lags = Meter.CreateHistogram<double>(
        "runledger.poll.lag", "s", "From when a watch was due to its poll.");

    private static readonly Histogram<double> Durations = Meter.CreateHistogram<double>(
        "runledger.poll.duration", "s", "From a poll's request to its recording's commit.");

    public static void Started(Upstream upstream, TimeSpan lag) => Lags.Record(lag.TotalSeconds, Tag(upstream));

    public static void Finished(Upstream upstream, PollOutcome outcome, TimeSpan duration)
    {
        Polls.Add(1, Tag(upstream), KeyValuePair.Create<string, object?>("outcome", outcome.Name()));
        Durations.Record(duration.TotalSeconds, Tag(upstream));
    }

    private static KeyValuePair<string, object?> Tag(Upstream upstream) => new("upstream", upstream.Name);
}
