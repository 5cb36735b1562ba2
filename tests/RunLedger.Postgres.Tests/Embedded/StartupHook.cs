using RunLedger.Postgres.Embedded;

/// <summary>
/// Makes the test program a second host that can be killed: .NET calls this before Main where DOTNET_STARTUP_HOOKS names this assembly.
/// See docs/design/features/host-startup-hook.md of dotnet/runtime, and <see cref="RunLedger.Postgres.Tests.Embedded.OtherHost"/>.
/// </summary>
internal static class StartupHook
{
    public const string DataDirectoryVariable = "RUNLEDGER_TEST_OTHER_HOST";

    public static void Initialize()
    {
        if (Environment.GetEnvironmentVariable(DataDirectoryVariable) is not { } dataDirectory)
            return;

        _ = RunAsync(dataDirectory);
        Console.In.ReadToEnd();
        Environment.Exit(0);
    }

    private static async Task RunAsync(string dataDirectory)
    {
        try
        {
            var postgres = await EmbeddedPostgres.StartAsync(dataDirectory, RunLedger.Postgres.Tests.Embedded.EmbeddedPostgresTests.Small);
            Console.WriteLine($"{(postgres.IsOwner ? "owner" : "attached")} {postgres.ProcessId}");
        }
        catch (EmbeddedPostgresException error)
        {
            Console.WriteLine(error.Message.ReplaceLineEndings(" "));
        }
    }
}
