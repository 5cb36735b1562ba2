using System.Security.Cryptography;
using System.Text;

namespace RunLedger.Postgres.Embedded;

/// <summary>Where a cluster's socket is: in a directory of its own, because who may enter it is trusted.</summary>
internal static class SocketDirectories
{
    /// <summary>No TCP port is opened: the number is a part of the socket's file name.</summary>
    public const int Port = 5432;

    // sockaddr_un.sun_path holds 104 bytes on macOS and BSD, 108 on Linux, with the final zero; "/.s.PGSQL.5432" takes 14 of them.
    private const int LongestPath = 104 - 1 - 14;

    private const string CreateOrVerify =
        """mkdir -m 700 -- "$1" 2>/dev/null || { [ -d "$1" ] && [ ! -L "$1" ] && [ -O "$1" ] && chmod 700 "$1"; }""";

    /// <summary>Sixteen hexadecimal digits that follow from a path.</summary>
    public static string Key(string path) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(path)).AsSpan(0, 8));

    /// <summary>The socket directory for a cluster: short, and the same for every process that uses the cluster.</summary>
    /// <exception cref="EmbeddedPostgresException">The chosen directory's path is too long for a socket.</exception>
    public static string For(string clusterDirectory, EmbeddedPostgresOptions options)
    {
        // Not XDG_RUNTIME_DIR: a service and a terminal of the same user see different ones.
        var directory = options.SocketDirectory ?? $"/tmp/runledger-{Key(clusterDirectory)}";
        return Encoding.UTF8.GetByteCount(directory) <= LongestPath
            ? directory
            : throw new EmbeddedPostgresException(
                $"The socket directory {directory} is longer than {LongestPath} bytes, too long for a socket.");
    }

    /// <summary>Makes the directory as the server's user, for that user alone. One that is there already must be that user's own.</summary>
    /// <exception cref="EmbeddedPostgresException">It belongs to somebody else, or is not a directory.</exception>
    public static async Task PrepareAsync(string directory, ServerAccount account, CancellationToken cancellationToken)
    {
        var made = await account.ShellAsync(CreateOrVerify, [directory], cancellationToken);
        if (!made.Succeeded)
            throw new EmbeddedPostgresException(
                $"{directory}, for the server's socket, cannot be made or does not belong to user {account.Name}. {made.Said}");

        DeleteSocket(directory);
    }

    /// <summary>Takes the directory of a server that is gone away again, unless something else is in it.</summary>
    public static void Remove(string directory)
    {
        if (!Directory.Exists(directory) || new DirectoryInfo(directory).LinkTarget is not null)
            return;
        DeleteSocket(directory);
        if (!Directory.EnumerateFileSystemEntries(directory).Any())
            Directory.Delete(directory);
    }

    // A killed server leaves them behind. The lock file names its process id, which another process may have by now.
    private static void DeleteSocket(string directory)
    {
        foreach (var file in new[] { $".s.PGSQL.{Port}", $".s.PGSQL.{Port}.lock" })
            File.Delete(Path.Combine(directory, file));
    }
}
