using RunLedger.Contract;
using RunLedger.Contract.Hosts;

/// <summary>
/// Makes the test program a second host that can be killed: .NET calls this before Main where DOTNET_STARTUP_HOOKS names this assembly.
/// See docs/design/features/host-startup-hook.md of dotnet/runtime, <see cref="IngestingHost"/> and <see cref="RebuildingHost"/>.
/// </summary>
internal static class StartupHook
{
    public static void Initialize()
    {
        if (Environment.GetEnvironmentVariable(IngestingHost.ConnectionVariable) is { } ingest)
            IngestingHost.IngestAsync(Engine(), ingest).GetAwaiter().GetResult();
        if (Environment.GetEnvironmentVariable(RebuildingHost.ConnectionVariable) is { } rebuild)
            RebuildingHost.RebuildAsync(Engine(), rebuild).GetAwaiter().GetResult();
    }

    private static EngineDatabase Engine() =>
        (EngineDatabase)Activator.CreateInstance(Type.GetType(Environment.GetEnvironmentVariable(IngestingHost.EngineVariable)!, throwOnError: true)!)!;
}
