namespace RunLedger.Host.Polling.Queue;

/// <summary>The durable queue of what polls saw, in a build without Wolverine: there is none.</summary>
internal static class PollQueue
{
    /// <summary>Whether this build has it.</summary>
    public static bool IsInThisBuild => false;

    /// <summary>Adds the queue to a host.</summary>
    public static void AddTo(WebApplicationBuilder builder, Postgres.Ledger ledger) =>
        throw new NotSupportedException($"This build has no queues for {builder.Environment.ApplicationName} on {ledger.DataSource.ConnectionString}.");
}
