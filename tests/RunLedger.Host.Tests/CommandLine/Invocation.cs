using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace RunLedger.Host.Tests.CommandLine;

/// <summary>The program as users run it: a process of its own.</summary>
internal sealed class Invocation : IDisposable
{
    public const int Interrupt = 2;
    public const int Kill = 9;
    public const int Terminate = 15;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(100);

    private readonly Process _process;
    private readonly Task<string> _output;
    private readonly Task<string> _error;
    private readonly StringBuilder _said = new();

    private Invocation(Process process)
    {
        _process = process;
        _output = ReadAsync(process.StandardOutput);
        _error = ReadAsync(process.StandardError);
    }

    /// <summary>Its stdin.</summary>
    public StreamWriter Input => _process.StandardInput;

    /// <summary>What it wrote so far, on stdout and stderr.</summary>
    public string Said
    {
        get
        {
            lock (_said) return _said.ToString();
        }
    }

    /// <summary>Runs a command to its end.</summary>
    /// <param name="connection">The ledger's database, given in the environment; null for none.</param>
    /// <param name="arguments">The arguments.</param>
    public static async Task<Ended> RunAsync(string? connection, params string[] arguments)
    {
        using var started = Start(connection, arguments);
        started.Input.Close();
        return await started.EndAsync();
    }

    /// <summary>Runs a command to its end in another working directory.</summary>
    public static async Task<Ended> RunInAsync(string directory, params string[] arguments)
    {
        using var started = Start(null, [], directory, arguments);
        started.Input.Close();
        return await started.EndAsync();
    }

    /// <summary>Starts a command.</summary>
    public static Invocation Start(string? connection, params string[] arguments) => Start(connection, [], arguments);

    /// <summary>Starts a command with settings in its environment.</summary>
    public static Invocation Start(string? connection, IEnumerable<KeyValuePair<string, string>> settings, params string[] arguments) =>
        Start(connection, settings.Select(setting => KeyValuePair.Create($"RUNLEDGER_{setting.Key}", setting.Value)), "", arguments);

    /// <summary>Starts a command in another locale.</summary>
    public static Invocation StartIn(string locale, string? connection, params string[] arguments) =>
        Start(connection, [KeyValuePair.Create("LC_ALL", locale)], "", arguments);

    private static Invocation Start(string? connection, IEnumerable<KeyValuePair<string, string>> environment, string directory, string[] arguments)
    {
        // What a test runner in the background has its children ignore, the program must hear.
        var start = OperatingSystem.IsLinux() ? new ProcessStartInfo("env", ["--default-signal=INT", "dotnet"]) : new ProcessStartInfo("dotnet");
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "RunLedger.Host.dll"));
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        start.Environment["RUNLEDGER_CONNECTION"] = connection ?? "";
        foreach (var (name, value) in environment) start.Environment[name] = value;
        start.WorkingDirectory = directory;
        start.RedirectStandardInput = start.RedirectStandardOutput = start.RedirectStandardError = true;
        return new Invocation(Process.Start(start)!);
    }

    /// <summary>Sends a signal.</summary>
    public void Signal(int number)
    {
        using var kill = Process.Start("kill", [string.Create(CultureInfo.InvariantCulture, $"-{number}"), _process.Id.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    /// <summary>Waits for the end.</summary>
    public async Task<Ended> EndAsync()
    {
        using var limit = new CancellationTokenSource(Limit);
        await _process.WaitForExitAsync(limit.Token);
        return new Ended(_process.ExitCode, await _output, await _error);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!_process.HasExited) _process.Kill(entireProcessTree: true);
        _process.Dispose();
    }

    private async Task<string> ReadAsync(StreamReader reader)
    {
        var text = new StringBuilder();
        var buffer = new char[4_096];
        while (await reader.ReadAsync(buffer) is > 0 and var count)
        {
            text.Append(buffer, 0, count);
            lock (_said) _said.Append(buffer, 0, count);
        }
        return text.ToString();
    }
}

/// <summary>How a command ended.</summary>
internal sealed record Ended(int ExitCode, string Output, string Error)
{
    /// <summary>What it wrote to stdout, once it is seen to have ended so.</summary>
    public string Expect(int exitCode)
    {
        Assert.True(ExitCode == exitCode, $"Exit code {ExitCode} instead of {exitCode}.\n{Output}\n{Error}");
        return Output;
    }

    /// <summary>The lines of stdout.</summary>
    public string[] Lines => Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
