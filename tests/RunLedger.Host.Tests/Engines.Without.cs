namespace RunLedger.Host.Tests;

/// <summary>The engines that this build has.</summary>
public static class Engines
{
    public static TheoryData<string> All { get; } = ["npgsql"];
}
