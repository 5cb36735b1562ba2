using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace RunLedger.Postgres.Embedded;

/// <summary>The running server of a cluster, as its postmaster.pid and the operating system tell it.</summary>
/// <param name="ProcessId">The first server process.</param>
/// <param name="ClusterDirectory">The cluster that it serves.</param>
/// <param name="IsReady">Whether it accepts connections.</param>
internal sealed record Postmaster(int ProcessId, string ClusterDirectory, bool IsReady)
{
    // src/include/utils/pidfile.h of PostgreSQL: the eighth line is the status, padded with blanks.
    private const int StatusLine = 7;

    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(5);

    /// <summary>Whether the process is still there and serves this cluster: an id alone may have been given to another process.</summary>
    public bool IsAlive => IsServerProcess(ProcessId, ClusterDirectory);

    public static string PidFile(string clusterDirectory) => Path.Combine(clusterDirectory, "postmaster.pid");

    /// <summary>The cluster's running server; null where none runs, even if one that died left its postmaster.pid behind.</summary>
    public static Postmaster? Read(string clusterDirectory)
    {
        string[] lines;
        try
        {
            lines = File.ReadAllLines(PidFile(clusterDirectory));
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }

        if (lines.Length == 0 || !int.TryParse(lines[0], NumberStyles.None, CultureInfo.InvariantCulture, out var processId))
            return null;
        var server = new Postmaster(processId, clusterDirectory, lines.Length > StatusLine && lines[StatusLine].Trim() == "ready");
        return server.IsAlive ? server : null;
    }

    /// <summary>
    /// Ends the processes of a server whose first process died. They end by themselves once they notice, but one that computes may take
    /// long, and until the last is gone PostgreSQL rightly refuses to start. The next start recovers from the log in any case.
    /// </summary>
    public static async Task EndOrphansAsync(string clusterDirectory, CancellationToken cancellationToken)
    {
        if (!OperatingSystem.IsLinux())
            return;

        foreach (var directory in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(directory), NumberStyles.None, CultureInfo.InvariantCulture, out var processId)
                || !IsServerProcess(processId, clusterDirectory))
                continue;
            using var orphan = Find(processId);
            orphan?.Kill();
            while (IsServerProcess(processId, clusterDirectory))
                await Task.Delay(PollInterval, cancellationToken);
        }
    }

    // Every server process works in the cluster's directory.
    private static bool IsServerProcess(int processId, string clusterDirectory)
    {
        if (OperatingSystem.IsLinux())
            return IsRunningPostgres(processId) && WorkingDirectory(processId) == clusterDirectory;

        using var process = Find(processId);
        return process is { ProcessName: "postgres" or "postmaster", HasExited: false };
    }

    // proc(5), stat: "pid (comm) state ...". A zombie (Z, X) has ended, although its id is still taken.
    private static bool IsRunningPostgres(int processId)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{processId}/stat");
            var nameEnd = stat.LastIndexOf(')');
            return stat[(stat.IndexOf('(', StringComparison.Ordinal) + 1)..nameEnd] is "postgres" or "postmaster"
                && stat[nameEnd + 2] is not ('Z' or 'X');
        }
        catch (IOException)
        {
            return false; // There is no such process (any more).
        }
    }

    private static string? WorkingDirectory(int processId)
    {
        try
        {
            return new FileInfo($"/proc/{processId}/cwd").LinkTarget;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null; // It ended just now, or it is another user's and therefore not this cluster's.
        }
    }

    private static Process? Find(int processId)
    {
        try
        {
            return Process.GetProcessById(processId);
        }
        catch (Exception error) when (error is ArgumentException or Win32Exception)
        {
            return null;
        }
    }
}
