using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using RunLedger.Domain.Observations;

namespace RunLedger.Postgres.Feed;

/// <summary>What the feed measures of its readers, under the meter <c>RunLedger</c>, each by tenant.</summary>
internal static class FeedMetrics
{
    private static readonly Meter Meter = new("RunLedger");
    private static readonly ConcurrentDictionary<FeedReader, bool> Reading = new();

    private static readonly UpDownCounter<long> Readers = Meter.CreateUpDownCounter<long>("runledger.feed.readers", "{reader}", "Readers of the event feed that are connected.");

    private static readonly Counter<long> Events = Meter.CreateCounter<long>("runledger.feed.events", "{event}", "Events that were given to readers of the feed.");

    static FeedMetrics() => Meter.CreateObservableGauge(
        "runledger.feed.lag",
        () => Reading.Keys.GroupBy(reader => reader.Tenant).Select(readers => new Measurement<long>(readers.Max(reader => reader.Lag), Tag(readers.Key))),
        "{position}",
        "How many positions the slowest reader is behind the newest event, those of other tenants included; 0 for one that waits for events.");

    public static void Joined(FeedReader reader)
    {
        Reading[reader] = true;
        Readers.Add(1, Tag(reader.Tenant));
    }

    public static void Left(FeedReader reader)
    {
        if (Reading.TryRemove(reader, out _)) Readers.Add(-1, Tag(reader.Tenant));
    }

    public static void Given(TenantId tenant, int events)
    {
        if (events > 0) Events.Add(events, Tag(tenant));
    }

    private static KeyValuePair<string, object?> Tag(TenantId tenant) => new("tenant", tenant.Value);
}
