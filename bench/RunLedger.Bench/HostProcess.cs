using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace RunLedger.Bench;

/// <summary>The host as users run it: a process of its own.</summary>
internal sealed class HostProcess : IAsyncDisposable
{
    private readonly Process _process;

    private HostProcess(Process process, int port)
    {
        _process = process;
        Port = port;
    }

    /// <summary>The loopback port that it serves.</summary>
    public int Port { get; }

    /// <summary>Starts <c>serve</c> on a database and waits until it is ready.</summary>
    public static async Task<HostProcess> ServeAsync(string connection, string engine = "npgsql")
    {
        var port = FreePort();
        var process = Start(["serve", "--urls", $"http://127.0.0.1:{port}", "--connection", connection, "--engine", engine]);
        using var http = new HttpClient();
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                using var answer = await http.GetAsync(new Uri($"http://127.0.0.1:{port}/healthz/ready"));
                if (answer.IsSuccessStatusCode) return new HostProcess(process, port);
            }
            catch (HttpRequestException) when (attempt < 300 && !process.HasExited)
            {
                // It has not bound its port yet.
            }
            if (attempt >= 300 || process.HasExited) throw new InvalidOperationException("The host did not become ready.");
            await Task.Delay(100);
        }
    }

    /// <summary>Runs a command to its end and gives the most memory that it had, in bytes, and how long it took.</summary>
    public static async Task<(long PeakBytes, TimeSpan Elapsed)> RunAsync(params string[] arguments)
    {
        var (peak, elapsed, _) = await AskAsync(arguments);
        return (peak, elapsed);
    }

    /// <summary>Runs a command to its end and gives what it answered too.</summary>
    public static async Task<(long PeakBytes, TimeSpan Elapsed, string Answer)> AskAsync(params string[] arguments)
    {
        var started = Stopwatch.GetTimestamp();
        var answer = new StringBuilder();
        using var process = Start(arguments, line => answer.AppendLine(line));
        var peak = 0L;
        while (!process.HasExited)
        {
            peak = Math.Max(peak, PeakBytes(process.Id));
            await Task.Delay(50);
        }
        if (process.ExitCode != 0) throw new InvalidOperationException($"'{arguments[0]}' ended with {process.ExitCode}.");
        var elapsed = Stopwatch.GetElapsedTime(started);
        await process.WaitForExitAsync(); // and for the last of what it wrote
        return (peak, elapsed, answer.ToString());
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private static Process Start(string[] arguments, Action<string?>? answer = null)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "RunLedger.Host.dll"));
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        var process = Process.Start(start)!;
        process.OutputDataReceived += (_, line) => answer?.Invoke(line.Data);
        process.ErrorDataReceived += static (_, line) => Console.Error.WriteLine(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    private static long PeakBytes(int process)
    {
        var status = $"/proc/{process}/status";
        if (!File.Exists(status)) return 0;
        var peak = File.ReadLines(status).FirstOrDefault(line => line.StartsWith("VmHWM:", StringComparison.Ordinal));
        return peak is null ? 0 : long.Parse(peak.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024;
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
