namespace RunLedger.Host.Tests;

/// <summary>The engines that this build has.</summary>
public static class Engines
{
    /// <summary>With each whether what polls saw goes through a durable queue.</summary>
    public static TheoryData<string, bool> AndQueues { get; } = new() { { "npgsql", false }, { "marten", false }, { "marten", true } };
}
