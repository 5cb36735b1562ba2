using System.Diagnostics;
using JasperFx.Events.Projections;
using Marten;
using Npgsql;
using RunLedger.Marten;
using RunLedger.Marten.Projections;

namespace RunLedger.Bench;

/// <summary>Marten's own daemon, which rebuilds the equivalent of the ledger's views from the same events: a document a run, and usage by day.</summary>
internal static class MartenDaemon
{
    /// <summary>Seconds to rebuild both projections, one after the other; the documents go to a schema of their own.</summary>
    public static async Task<double?> RebuildAsync(string connection)
    {
        await using var dataSource = NpgsqlDataSource.Create(connection);
        await using var store = DocumentStore.For(options =>
        {
            options.UseRunLedger(dataSource);
            options.DatabaseSchemaName = "bench_daemon";
            options.Projections.Add(new RunSummaryProjection(), ProjectionLifecycle.Async);
            options.Projections.Add(new DailyUsageProjection(), ProjectionLifecycle.Async);
        });
        await store.Storage.ApplyAllConfiguredChangesToDatabaseAsync();
        using var daemon = await store.BuildProjectionDaemonAsync();
        var started = Stopwatch.GetTimestamp();
        await daemon.RebuildProjectionAsync<RunSummary>(TimeSpan.FromMinutes(10), CancellationToken.None);
        await daemon.RebuildProjectionAsync<DailyUsage>(TimeSpan.FromMinutes(10), CancellationToken.None);
        return Stopwatch.GetElapsedTime(started).TotalSeconds;
    }
}
