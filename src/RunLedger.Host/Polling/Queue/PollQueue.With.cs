using System.Reflection;
using RunLedger.Domain.Observations;
using RunLedger.Domain.Quarantine;
using RunLedger.Postgres;
using RunLedger.Postgres.Recording;
using Wolverine;
using Wolverine.ErrorHandling;
using Wolverine.Postgresql;

namespace RunLedger.Host.Polling.Queue;

/// <summary>
/// The durable queue of what polls saw, in builds with Wolverine. What was seen is committed to Wolverine's inbox in the ledger's database before it is
/// recorded: a host that dies in between, or a ledger that takes nothing for a while, loses nothing of it. Who reads the inbox again may record it
/// again, which changes nothing.
/// </summary>
internal static class PollQueue
{
    /// <summary>The schema of Wolverine's tables.</summary>
    public const string Schema = "runledger_queues";

    /// <summary>Whether this build has it.</summary>
    public static bool IsInThisBuild => true;

    /// <summary>Adds the queue to a host.</summary>
    public static void AddTo(WebApplicationBuilder builder, Ledger ledger)
    {
        builder.Services.AddSingleton<QueuedPollRecorder>();
        builder.Services.AddSingleton<IPollRecorder>(static services => services.GetRequiredService<QueuedPollRecorder>());
        builder.UseWolverine(options =>
        {
            options.ApplicationAssembly = Assembly.GetExecutingAssembly();
            options.PersistMessagesWithPostgresql(ledger.DataSource, Schema);
            options.Discovery.DisableConventionalDiscovery().IncludeType(typeof(RecordObservationsHandler));
            options.Policies.UseDurableLocalQueues();
            options.LocalQueueFor<RecordObservations>().MaximumParallelMessages(64); // They share the recorder's commits.
            // The recorder has tried for half a minute by itself. What it still could not record waits in the inbox, then goes to quarantine.
            options.Policies.OnException<Npgsql.NpgsqlException>()
                .ScheduleRetry(TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(5))
                .Then.MoveToErrorQueue().And((_, failed, failure) => QuarantineAsync(ledger, failed, failure));
            options.Policies.OnAnyException().MoveToErrorQueue().And((_, failed, failure) => QuarantineAsync(ledger, failed, failure));
        });
    }

    private static async ValueTask QuarantineAsync(Ledger ledger, IEnvelopeLifecycle failed, Exception failure)
    {
        if (failed.Envelope?.Message is not RecordObservations message) return;
        var defect = new Defect("", $"cannot be recorded: {failure.Message}");
        await ledger.Recorder.RecordAsync(
            [
                .. message.Seen.Select(seen => new Submission.Rejected(new QuarantinedItem(
                    new TenantId(seen.Tenant), seen.Snapshot, seen.Source, seen.Pointer, defect, seen.ObservedAt))),
            ],
            CancellationToken.None);
    }
}
