using RunLedger.Contract.Hosts;

/// <summary>
/// Makes the test program a second host that can be killed: .NET calls this before Main where DOTNET_STARTUP_HOOKS names this assembly.
/// See docs/design/features/host-startup-hook.md of dotnet/runtime, and <see cref="IngestingHost"/>.
/// </summary>
internal static class StartupHook
{
    public static void Initialize()
    {
        if (Environment.GetEnvironmentVariable(IngestingHost.ConnectionVariable) is not { } connectionString) return;
        var engine = Type.GetType(Environment.GetEnvironmentVariable(IngestingHost.EngineVariable)!, throwOnError: true)!;
        IngestingHost.IngestAsync((RunLedger.Contract.EngineDatabase)Activator.CreateInstance(engine)!, connectionString).GetAwaiter().GetResult();
    }
}
