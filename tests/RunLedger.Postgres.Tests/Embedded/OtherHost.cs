using System.Diagnostics;

namespace RunLedger.Postgres.Tests.Embedded;

/// <summary>Another process that runs a server on a data directory, for as long as it lives.</summary>
internal sealed class OtherHost : IAsyncDisposable
{
    private readonly Process _process;

    private OtherHost(Process process) => _process = process;

    public static OtherHost Start(string dataDirectory)
    {
        var program = typeof(OtherHost).Assembly.Location;
        return new OtherHost(Process.Start(new ProcessStartInfo(Environment.ProcessPath!, ["exec", program])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            Environment =
            {
                ["DOTNET_STARTUP_HOOKS"] = program,
                [StartupHook.DataDirectoryVariable] = dataDirectory,
            },
        })!);
    }

    /// <summary>"owner" or "attached", and the server's process id; or why it could not start.</summary>
    public async Task<string> ReadyAsync() => await _process.StandardOutput.ReadLineAsync() ?? "ended";

    /// <summary>Ends it as `kill -9` does.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            await KillAsync();
        _process.Dispose();
    }
}
