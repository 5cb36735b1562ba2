namespace RunLedger.Host.Polling.Queue;

/// <summary>Polls as messages of Wolverine, in a build without: there are none.</summary>
internal static class PollQueue
{
    /// <summary>Whether this build has them.</summary>
    public static bool IsInThisBuild => false;

    /// <summary>Lets Wolverine schedule and make the polls of a host.</summary>
    public static void AddTo(IHostApplicationBuilder builder, Postgres.Ledger ledger, PollingOptions options) => throw new NotSupportedException(
        $"This build has no Wolverine for {options.Upstreams.Count} upstreams of {ledger.DataSource.ConnectionString} in {builder.Environment.ApplicationName}.");
}
