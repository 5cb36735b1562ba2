using System.Reflection;
using Npgsql;
using RunLedger.Domain.Observations;
using RunLedger.Postgres;
using RunLedger.Postgres.Polling;
using RunLedger.Postgres.Recording;
using Wolverine;
using Wolverine.ErrorHandling;
using Wolverine.Postgresql;
using Wolverine.Runtime;

namespace RunLedger.Host.Polling.Queue;

/// <summary>
/// Polls as messages of Wolverine, in builds that have it: <see cref="PollRun"/>, <see cref="PollThread"/> and <see cref="RecordObservations"/> are
/// kept in the ledger's database from when they are scheduled until they are handled, by whichever host comes first. What may be taken up again, and
/// what is given up, is said here; what is done, in the handlers.
/// </summary>
internal static class PollQueue
{
    /// <summary>The schema of Wolverine's tables.</summary>
    public const string Schema = "runledger_queues";

    // What is scheduled is looked for this often, of the shortest pause between polls.
    private const int LooksPerPause = 4;

    private static readonly TimeSpan MostOften = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LeastOften = TimeSpan.FromMilliseconds(500);

    /// <summary>Whether this build has them.</summary>
    public static bool IsInThisBuild => true;

    /// <summary>Lets Wolverine schedule and make the polls of a host.</summary>
    public static void AddTo(IHostApplicationBuilder builder, Ledger ledger, PollingOptions options)
    {
        var connections = new QueueConnections(ledger.ConnectWithoutFlush());
        builder.Services.AddSingleton(_ => connections); // Made by the container, so that it is closed by it.
        builder.Services.AddSingleton<MessageTurns>();
        builder.Services.AddSingleton<IPollTurns>(static services => services.GetRequiredService<MessageTurns>());
        builder.UseWolverine(wolverine => Configure(wolverine, ledger, connections, options));
        builder.Services.AddHostedService<WatchFeeder>();
    }

    private static void Configure(WolverineOptions wolverine, Ledger ledger, QueueConnections connections, PollingOptions options)
    {
        wolverine.ApplicationAssembly = Assembly.GetExecutingAssembly();
        wolverine.PersistMessagesWithPostgresql(connections.DataSource, Schema);
        wolverine.Discovery.DisableConventionalDiscovery()
            .IncludeType(typeof(PollRunHandler)).IncludeType(typeof(PollThreadHandler)).IncludeType(typeof(RecordObservationsHandler));
        wolverine.Policies.UseDurableLocalQueues();
        wolverine.Policies.MessageExecutionLogLevel(LogLevel.Trace);
        wolverine.Policies.MessageSuccessLogLevel(LogLevel.Trace);

        var requests = options.Upstreams.Sum(upstream => upstream.MaxConcurrency);
        wolverine.LocalQueueFor<PollRun>().MaximumParallelMessages(requests * (1 + Upstream.Waiting)).TelemetryEnabled(false);
        wolverine.LocalQueueFor<PollThread>().MaximumParallelMessages(requests * (1 + Upstream.Waiting)).TelemetryEnabled(false);
        wolverine.LocalQueueFor<RecordObservations>().MaximumParallelMessages(Math.Max(64, requests)).TelemetryEnabled(false); // They share the recorder's commits.

        KeepUp(wolverine.Durability, options);
        TakeUpAgain(wolverine, ledger, options);
    }

    // As they come Wolverine's settings are for messages by the minute: it takes a hundred that are due, every five seconds.
    private static void KeepUp(DurabilitySettings durability, PollingOptions options)
    {
        var look = options.Upstreams.Min(upstream => upstream.PollInterval) / LooksPerPause;
        durability.ScheduledJobPollingTime = look < MostOften ? MostOften : look > LeastOften ? LeastOften : look;
        durability.ScheduledJobFirstExecution = durability.ScheduledJobPollingTime;
        durability.RecoveryBatchSize = 500;
        // Due messages are found by reading the table, in which those that are handled stand too.
        durability.KeepAfterMessageHandling = TimeSpan.FromSeconds(5);
        durability.HandledMessageCleanupPollingTime = TimeSpan.FromSeconds(5);

        // A host is taken for dead after the lease, as by the host's own schedule.
        durability.HealthCheckPollingTime = options.Lease / 5;
        durability.FirstHealthCheckExecution = options.Lease / 5;
        durability.StaleNodeTimeout = options.Lease;
        durability.OrphanedMessageSweepPollingTime = options.Lease / 3;
        durability.CheckAssignmentPeriod = options.Lease;
        durability.DrainTimeout = options.ShutdownLimit;
        durability.DurabilityMetricsEnabled = false;
        durability.NodeAssignmentHealthCheckTracingEnabled = false;
    }

    private static void TakeUpAgain(WolverineOptions wolverine, Ledger ledger, PollingOptions options)
    {
        TimeSpan[] pauses = [.. options.RetryAfter ?? [TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(5)]];
        wolverine.Policies.OnException<NpgsqlException>().ScheduleRetry(pauses)
            .Then.CustomActionIndefinitely((runtime, failed, failure) => GiveUpAsync(runtime, failed, failure, ledger, pauses[^1]), "quarantine what was seen");
        wolverine.Policies.OnAnyException()
            .CustomActionIndefinitely((runtime, failed, failure) => GiveUpAsync(runtime, failed, failure, ledger, pauses[^1]), "quarantine what was seen");
    }

    // What was seen goes to quarantine. The watch of a poll that failed is put off; if that fails too, its lease runs out.
    private static async ValueTask GiveUpAsync(IWolverineRuntime runtime, IEnvelopeLifecycle failed, Exception failure, Ledger ledger, TimeSpan pause)
    {
        var services = runtime.Services;
        try
        {
            var poll = failed.Envelope?.Message as Poll;
            if (failed.Envelope?.Message is RecordObservations seen)
            {
                poll = seen.Poll;
                var defect = new Defect("", $"cannot be recorded: {failure.Message}");
                await ledger.Recorder.RecordAsync(
                    [new Submission.Rejected(Rejection.Item(poll.Watch, seen.Answer, seen.ReceivedAt, defect))], CancellationToken.None);
            }
            if (poll is not null)
            {
                var pace = services.GetRequiredService<Upstreams>().PaceOf(poll.Watch.Key);
                var result = pace.Failed(poll.Watch, PollOutcome.NotRecorded, failure.Message);
                await services.GetRequiredService<IPollTurns>().EndAsync(poll, result, CancellationToken.None);
            }
            await failed.CompleteAsync();
        }
        catch (NpgsqlException lost)
        {
            runtime.Logger.LogWarning("The database does not take what is given up; it is tried again in {Pause}: {Reason}", pause, lost.Message);
            await failed.ReScheduleAsync(DateTimeOffset.UtcNow + pause);
        }
    }
}
