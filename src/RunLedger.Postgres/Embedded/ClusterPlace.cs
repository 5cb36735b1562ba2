using Microsoft.Extensions.Logging;

namespace RunLedger.Postgres.Embedded;

/// <summary>Where a data directory's cluster is, and whose.</summary>
/// <param name="DataDirectory">The data directory's real path.</param>
/// <param name="Home">The directory that holds the cluster: the data directory, or one that the server's user may enter.</param>
/// <param name="Account">The user that the server runs as.</param>
internal sealed record ClusterPlace(string DataDirectory, string Home, ServerAccount Account)
{
    /// <summary>Holds the clusters of data directories that only root may enter.</summary>
    private const string SystemHome = "/var/lib/runledger";

    private const string NoteLabel = "cluster: ";

    public string Cluster => Path.Combine(Home, "postgres");

    /// <summary>The cluster while it is being made: it gets its name when it is whole.</summary>
    public string UnfinishedCluster => Path.Combine(Home, "postgres.new");

    public string LockFile => Path.Combine(Home, "postgres.lock");

    public string OwnerFile => Path.Combine(Home, "postgres.owner");

    public string LogFile => Path.Combine(DataDirectory, "postgres.log");

    public bool IsElsewhere => Home != DataDirectory;

    /// <summary>
    /// Finds the place of a data directory's cluster, or decides it: in the data directory where the server's user can get there, else
    /// below <see cref="SystemHome"/>, with a note in the data directory that says so.
    /// </summary>
    public static async Task<ClusterPlace> FindAsync(string dataDirectory, ILogger logger, CancellationToken cancellationToken)
    {
        if (File.Exists(dataDirectory)) throw new EmbeddedPostgresException($"{dataDirectory} is a file, and the data needs a directory.");
        Directory.CreateDirectory(dataDirectory);
        var data = await RealPathAsync(dataDirectory, cancellationToken);
        var home = ReadNote(data) ?? data;
        var place = new ClusterPlace(data, home, await ServerAccount.ForAsync(Path.Combine(home, "postgres"), cancellationToken));
        if (await place.CanBeEnteredAsync(cancellationToken))
            return place;

        if (Directory.Exists(place.Cluster) || place.IsElsewhere || place.Account.Owner is null)
            throw new EmbeddedPostgresException(
                $"User {place.Account.Name}, which the server runs as, may not enter {home}, where the cluster is.");

        place = place with { Home = Path.Combine(SystemHome, SocketDirectories.Key(data)) };
        Directory.CreateDirectory(place.Home);
        await File.WriteAllTextAsync(NotePath(data), place.Note(), cancellationToken);
        logger.LogWarning(
            "User {User}, which PostgreSQL runs as, may not enter {DataDirectory}: the database is in {Cluster}",
            place.Account.Name, data, place.Cluster);
        return place with { Account = await ServerAccount.ForAsync(place.Cluster, cancellationToken) };
    }

    /// <summary>Makes a directory below <see cref="Home"/> that the server's user owns and nobody else may enter.</summary>
    public async Task MakePrivateAsync(string directory, CancellationToken cancellationToken)
    {
        await RequireAsync(["mkdir", "-m", "700", "--", directory], cancellationToken);
        if (Account.Owner is { } owner)
            await RequireAsync(["chown", "-h", "--", owner, directory], cancellationToken);
    }

    /// <summary>Removes the cluster and everything that belongs to it.</summary>
    public void Remove()
    {
        Directory.Delete(DataDirectory, recursive: true);
        if (IsElsewhere)
            Directory.Delete(Home, recursive: true);
    }

    private static async Task RequireAsync(IReadOnlyList<string> command, CancellationToken cancellationToken)
    {
        var result = await Command.RunAsync(command, cancellationToken: cancellationToken);
        if (!result.Succeeded)
            throw new EmbeddedPostgresException($"{string.Join(' ', command)}: {result.Said}");
    }

    private async Task<bool> CanBeEnteredAsync(CancellationToken cancellationToken) =>
        (await Account.ShellAsync("""cd -- "$1" """, [Home], cancellationToken)).Succeeded;

    // Links resolved: a data directory is one however it is reached.
    private static async Task<string> RealPathAsync(string directory, CancellationToken cancellationToken)
    {
        var path = await Command.RunAsync(
            ["/bin/sh", "-c", """cd -- "$1" && pwd -P""", "sh", Path.GetFullPath(directory)], cancellationToken: cancellationToken);
        return path.Succeeded
            ? path.Output.TrimEnd('\n')
            : throw new EmbeddedPostgresException($"The data directory cannot be entered: {path.Said}");
    }

    private static string NotePath(string dataDirectory) => Path.Combine(dataDirectory, "postgres-is-elsewhere.txt");

    private string Note() =>
        $"""
        The PostgreSQL cluster of this directory is kept elsewhere: user {Account.Name}, which the server runs as,
        may not enter this directory. Keep this note: the line below is how the cluster is found.

        {NoteLabel}{Cluster}

        """;

    private static string? ReadNote(string dataDirectory) =>
        File.Exists(NotePath(dataDirectory))
            ? File.ReadLines(NotePath(dataDirectory))
                .Where(line => line.StartsWith(NoteLabel, StringComparison.Ordinal))
                .Select(line => Path.GetDirectoryName(line[NoteLabel.Length..].Trim()))
                .FirstOrDefault()
            : null;
}
