namespace RunLedger.Host.Tests;

/// <summary>The engines that this build has.</summary>
public static class Engines
{
    /// <summary>With each who schedules polls; null for who does unless the settings say otherwise.</summary>
    public static TheoryData<string, string?> AndSchedulers { get; } = new() { { "npgsql", null } };

    /// <summary>Who schedules polls in two hosts of one ledger.</summary>
    public static TheoryData<string, string> OfTwoSchedulers { get; } = new() { { "host", "host" } };
}
