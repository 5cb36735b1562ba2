namespace RunLedger.Bench;

/// <summary>Marten's own daemon, in a build without Marten.</summary>
internal static class MartenDaemon
{
    /// <summary>Nothing to measure.</summary>
    public static Task<double?> RebuildAsync(string connection) => Task.FromResult<double?>(null);
}
