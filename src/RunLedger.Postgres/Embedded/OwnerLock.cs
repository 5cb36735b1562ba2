using System.Diagnostics;
using System.Globalization;

namespace RunLedger.Postgres.Embedded;

/// <summary>
/// The right to start, supervise and stop a cluster's server, held by at most one process. It is a lock of the operating system on a file,
/// so it ends with the process, however that ends, and no process id that was given out again can be mistaken for the owner.
/// </summary>
internal sealed class OwnerLock : IDisposable
{
    // EWOULDBLOCK of flock(2): .NET gives the error's number as it is.
    private const int WouldBlockOnLinux = 11;
    private const int WouldBlockOnMacOS = 35;

    private readonly FileStream _file;

    private OwnerLock(FileStream file) => _file = file;

    /// <summary>Takes the lock, or answers null at once where another holds it.</summary>
    public static OwnerLock? TryTake(ClusterPlace place)
    {
        try
        {
            var taken = new OwnerLock(new FileStream(place.LockFile, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
            WriteOwner(place.OwnerFile);
            return taken;
        }
        catch (IOException error) when (error.HResult is WouldBlockOnLinux or WouldBlockOnMacOS)
        {
            return null;
        }
        catch (UnauthorizedAccessException error)
        {
            throw new EmbeddedPostgresException($"This user may not write in {place.Home}, where the cluster is: {error.Message}", error);
        }
    }

    /// <summary>Who holds or last held the lock, for messages.</summary>
    public static string Owner(ClusterPlace place)
    {
        try
        {
            return File.ReadAllText(place.OwnerFile).Trim();
        }
        catch (IOException)
        {
            return "another process";
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private static void WriteOwner(string path)
    {
        using var self = Process.GetCurrentProcess();
        var written = $"{path}.{Environment.ProcessId}";
        File.WriteAllText(written, string.Create(
            CultureInfo.InvariantCulture, $"process {self.Id} ({self.ProcessName}), started {self.StartTime.ToUniversalTime():u}\n"));
        File.Move(written, path, overwrite: true);
    }
}
