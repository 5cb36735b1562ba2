using System.Reflection;
using Npgsql;
using RunLedger.Postgres;
using RunLedger.Postgres.Recording;
using Wolverine;
using Wolverine.ErrorHandling;
using Wolverine.Postgresql;

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
        builder.UseWolverine(wolverine => Configure(wolverine, connections, options));
        builder.Services.AddHostedService<WatchFeeder>();
        builder.Services.AddHostedService<DeadLetterSweep>();
    }

    private static void Configure(WolverineOptions wolverine, QueueConnections connections, PollingOptions options)
    {
        wolverine.ApplicationAssembly = Assembly.GetExecutingAssembly();
        wolverine.PersistMessagesWithPostgresql(connections.DataSource, Schema);
        wolverine.Discovery.DisableConventionalDiscovery()
            .IncludeType(typeof(PollRunHandler)).IncludeType(typeof(PollThreadHandler)).IncludeType(typeof(RecordObservationsHandler));
        wolverine.Policies.UseDurableLocalQueues();
        // Wolverine writes messages of any size, and reads no larger ones than this from its tables, nor those beside them. Answers are kept as base64.
        wolverine.MaxIncomingEnvelopeDataSize = 2 * (int)UpstreamClient.LargestBody;
        wolverine.Policies.MessageExecutionLogLevel(LogLevel.Trace);
        wolverine.Policies.MessageSuccessLogLevel(LogLevel.Trace);

        var requests = options.Upstreams.Sum(upstream => upstream.MaxConcurrency);
        wolverine.LocalQueueFor<PollRun>().MaximumParallelMessages(requests * (1 + Upstream.Waiting)).TelemetryEnabled(false);
        wolverine.LocalQueueFor<PollThread>().MaximumParallelMessages(requests * (1 + Upstream.Waiting)).TelemetryEnabled(false);
        wolverine.LocalQueueFor<RecordObservations>().MaximumParallelMessages(Math.Max(64, requests)).TelemetryEnabled(false); // They share the recorder's commits.

        KeepUp(wolverine.Durability, options);
        TakeUpAgain(wolverine, options);
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

    // What is given up is a dead letter, which DeadLetterSweep settles.
    private static void TakeUpAgain(WolverineOptions wolverine, PollingOptions options)
    {
        TimeSpan[] pauses = [.. options.RetryAfter ?? [TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(5)]];
        wolverine.Policies.OnException<NpgsqlException>().Or<UnreadableStreamException>().ScheduleRetry(pauses).Then.MoveToErrorQueue();
        wolverine.Policies.OnAnyException().MoveToErrorQueue();
        wolverine.UnknownMessageBehavior = UnknownMessageBehavior.DeadLetterQueue;
    }
}
