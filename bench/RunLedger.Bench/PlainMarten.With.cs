using System.Diagnostics;
using JasperFx.Events.Projections;
using Marten;
using RunLedger.Domain.Observations;
using RunLedger.Domain.Runs;
using RunLedger.Marten;
using RunLedger.Marten.Projections;

namespace RunLedger.Bench;

/// <summary>
/// Marten as it is used ordinarily: a session a snapshot, which appends the run's events and an inline projection's document. What the ledger does
/// beyond that (order of positions, usage, exactly once, quarantine) it does not; states are kept in memory, so that it need not read.
/// </summary>
internal static class PlainMarten
{
    public static async Task<(double Rate, double Lone)> MeasureAsync(string connection, int clients, int runsPerClient)
    {
        await using var store = DocumentStore.For(options =>
        {
            options.Connection(connection);
            options.MapRunEvents();
            options.Projections.Add(new RunSummaryProjection(), ProjectionLifecycle.Inline);
        });
        await store.Storage.ApplyAllConfiguredChangesToDatabaseAsync();
        await RateAsync(store, "warm", clients, runsPerClient / 2);
        var best = 0.0;
        for (var round = 0; round < 3; round++) best = Math.Max(best, await RateAsync(store, $"many{round}_", clients, runsPerClient));

        var times = new List<double>();
        await RecordAsync(store, new Workload(500, 6, 800, 20, "lone"), 0, 500, times);
        return (best, Measuring.Median(times.Skip(500)));
    }

    private static async Task<double> RateAsync(DocumentStore store, string prefix, int clients, int runsPerClient)
    {
        var workload = new Workload(clients * runsPerClient, 6, 800, 20, prefix);
        var started = Stopwatch.GetTimestamp();
        var events = await Task.WhenAll(Enumerable.Range(0, clients)
            .Select(client => Task.Run(() => RecordAsync(store, workload, client * runsPerClient, runsPerClient, null))));
        return events.Sum() / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    private static async Task<int> RecordAsync(DocumentStore store, Workload workload, int first, int runs, List<double>? times)
    {
        var events = 0;
        for (var run = first; run < first + runs; run++)
        {
            RunState? state = null;
            for (var poll = 0; poll < workload.PollsPerRun; poll++)
            {
                var started = Stopwatch.GetTimestamp();
                var observation = Observation(workload.Envelope(run, poll));
                var decided = RunDecider.Decide(state, observation).Events;
                state = decided.Aggregate(state ?? RunState.New(observation.Snapshot.Id), (known, next) => known.Apply(next));
                await using var session = store.LightweightSession();
                session.Events.Append(observation.Snapshot.Id.Value, decided);
                await session.SaveChangesAsync();
                events += decided.Count;
                times?.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            }
        }
        return events;
    }

    private static Observation Observation(byte[] envelope)
    {
        using var document = System.Text.Json.JsonDocument.Parse(envelope);
        var snapshot = Snapshot.Read(System.Text.Encoding.UTF8.GetBytes(document.RootElement.GetProperty("snapshot").GetRawText())).Value!;
        return new Observation(snapshot, document.RootElement.GetProperty("observed_at").GetDateTimeOffset(), TimeBasis.Stated, "poll");
    }
}
