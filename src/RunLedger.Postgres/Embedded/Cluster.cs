using System.Globalization;
using Microsoft.Extensions.Logging;

namespace RunLedger.Postgres.Embedded;

/// <summary>
/// A cluster and PostgreSQL's own programs on it. Only the holder of its <see cref="OwnerLock"/> may use what writes.
/// </summary>
internal sealed class Cluster(ClusterPlace place, EmbeddedPostgresOptions options, ILogger logger)
{
    /// <summary>The superuser of the cluster, and the name of the database.</summary>
    public const string Name = "runledger";

    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(20);

    // Appends what the command writes to the log, so that no pipe ties the server to our process.
    private const string AppendOutput = """umask 077 && exec >>"$1" 2>&1 && shift && exec "$@" """;

    // pg_ctl gives the server a session of its own, so that Ctrl-C in a terminal ends our process but not the server before it.
    private const string StartInDirectory = """cd -- "$1" && shift && exec "$@" """;

    public ClusterPlace Place { get; } = place;

    public string SocketDirectory { get; } = SocketDirectories.For(place.Cluster, options);

    private string Directory => Place.Cluster;

    private bool Exists => File.Exists(Path.Combine(Directory, "PG_VERSION"));

    /// <summary>Makes the cluster where there is none, and gives its running server: found, or started.</summary>
    public async Task<Postmaster> OpenAsync(CancellationToken cancellationToken)
    {
        if (await FindRunningAsync(cancellationToken) is { } running)
        {
            logger.LogInformation("Adopted the running PostgreSQL server {ProcessId} of {Cluster}", running.ProcessId, Directory);
            return running;
        }

        if (!Exists)
            await CreateAsync(cancellationToken);
        return await StartAsync(cancellationToken);
    }

    /// <summary>Starts the server, which recovers where it was not shut down, and returns when it accepts connections.</summary>
    /// <exception cref="EmbeddedPostgresException">It does not start; the message ends with the last lines of its log.</exception>
    public async Task<Postmaster> StartAsync(CancellationToken cancellationToken)
    {
        if (await FindRunningAsync(cancellationToken) is { } running)
            return running;

        await Postmaster.EndOrphansAsync(Directory, cancellationToken);
        File.Delete(Postmaster.PidFile(Directory));
        await SocketDirectories.PrepareAsync(SocketDirectory, Place.Account, cancellationToken);
        var binaries = await BinariesAsync(cancellationToken);
        await ConfigureAsync(binaries, cancellationToken);

        var logStart = ServerLog.Length(Place.LogFile);
        var started = await Command.RunAsync(
            ["/bin/sh", "-c", AppendOutput, "sh", Place.LogFile, .. Place.Account.As(
                "/bin/sh", "-c", StartInDirectory, "sh", Directory,
                binaries.PgCtl, "start", "-D", ArgumentForPgCtl(Directory), "-w", "-s", "-t", Seconds(options.StartTimeout))],
            cancellationToken: cancellationToken);
        return started.Succeeded && Postmaster.Read(Directory) is { } server
            ? server
            : throw new EmbeddedPostgresException(
                $"PostgreSQL did not start on {Directory}. The end of its log, {Place.LogFile}:\n{started.Said}"
                + await ServerLog.TailAsync(Place.LogFile, logStart, cancellationToken));
    }

    /// <summary>Stops the server: fast, and where that takes too long, at once, leaving recovery to the next start.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (Postmaster.Read(Directory) is not null)
        {
            var binaries = await BinariesAsync(cancellationToken);
            var stopped = await StopAsync(binaries, "fast", cancellationToken);
            if (!stopped.Succeeded && Postmaster.Read(Directory) is not null)
            {
                logger.LogWarning(
                    "PostgreSQL is still stopping after {Limit}: it is stopped at once. {Message}", options.StopTimeout, stopped.Said);
                stopped = await StopAsync(binaries, "immediate", cancellationToken);
            }

            if (!stopped.Succeeded && Postmaster.Read(Directory) is not null)
                throw new EmbeddedPostgresException($"PostgreSQL on {Directory} cannot be stopped: {stopped.Said}");
        }

        SocketDirectories.Remove(SocketDirectory);
    }

    private Task<CommandResult> StopAsync(PostgresBinaries binaries, string mode, CancellationToken cancellationToken) =>
        Place.Account.RunAsync(
            [binaries.PgCtl, "stop", "-D", Directory, "-m", mode, "-w", "-s", "-t", Seconds(options.StopTimeout)], cancellationToken);

    // A server that is starting, recovering or shutting down is waited for.
    private async Task<Postmaster?> FindRunningAsync(CancellationToken cancellationToken)
    {
        while (Postmaster.Read(Directory) is { } running)
        {
            if (running.IsReady)
                return running;
            await Task.Delay(PollInterval, options.TimeProvider, cancellationToken);
        }

        return null;
    }

    private async Task CreateAsync(CancellationToken cancellationToken)
    {
        var binaries = await PostgresBinaries.FindAsync(null, options.BinaryDirectories, cancellationToken);
        logger.LogInformation("Making a PostgreSQL {Version} cluster in {Cluster}", binaries.MajorVersion, Directory);

        var made = await InitializeAsync(binaries, "C.UTF-8", cancellationToken);
        if (!made.Succeeded && made.Error.Contains("locale", StringComparison.Ordinal))
            made = await InitializeAsync(binaries, "C", cancellationToken);
        if (made.Succeeded)
            made = await Place.Account.ShellAsync(
                """printf '\ninclude_if_exists = '\''%s'\''\n' "$2" >>"$1/postgresql.conf" """,
                [Place.UnfinishedCluster, ServerSettings.FileName], cancellationToken);
        if (!made.Succeeded)
            throw new EmbeddedPostgresException($"initdb of PostgreSQL {binaries.MajorVersion} failed: {made.Said}");

        // Renamed when whole: a crash in between leaves no half cluster. The rename is durable before anything relies on it.
        System.IO.Directory.Move(Place.UnfinishedCluster, Directory);
        await Command.RunAsync(["sync", Place.Home], cancellationToken: cancellationToken);
    }

    // Text sorts by code point, so that indexes serve prefixes and no library upgrade reorders them; upper and lower know all letters.
    private async Task<CommandResult> InitializeAsync(PostgresBinaries binaries, string characters, CancellationToken cancellationToken)
    {
        if (System.IO.Directory.Exists(Place.UnfinishedCluster))
            System.IO.Directory.Delete(Place.UnfinishedCluster, recursive: true);
        await Place.MakePrivateAsync(Place.UnfinishedCluster, cancellationToken);
        return await Place.Account.RunAsync(
            [
                binaries.InitDb, "-D", Place.UnfinishedCluster, $"--username={Name}", "--data-checksums", "--no-instructions",
                "--encoding=UTF8", "--locale=C", $"--lc-ctype={characters}", "--auth-local=trust", "--auth-host=reject",
            ],
            cancellationToken);
    }

    private async Task<PostgresBinaries> BinariesAsync(CancellationToken cancellationToken)
    {
        var version = await File.ReadAllTextAsync(Path.Combine(Directory, "PG_VERSION"), cancellationToken);
        var major = int.Parse(version, CultureInfo.InvariantCulture);
        return await PostgresBinaries.FindAsync(major, options.BinaryDirectories, cancellationToken);
    }

    private async Task ConfigureAsync(PostgresBinaries binaries, CancellationToken cancellationToken)
    {
        var supported = new Dictionary<string, string>();
        foreach (var name in new[] { "wal_compression", "default_toast_compression" })
        {
            if (await AcceptsLz4Async(binaries, name, cancellationToken))
                supported[name] = "lz4";
        }

        var written = await Place.Account.ShellAsync(
            """umask 077 && cat >"$1.new" && mv -f "$1.new" "$1" """,
            [Path.Combine(Directory, ServerSettings.FileName)],
            cancellationToken,
            ServerSettings.FileText(supported, options.Settings, SocketDirectory));
        if (!written.Succeeded)
            throw new EmbeddedPostgresException($"The server's settings cannot be written: {written.Said}");
    }

    // The server itself knows what it was built with. An empty configuration keeps other settings out of the answer.
    private async Task<bool> AcceptsLz4Async(PostgresBinaries binaries, string setting, CancellationToken cancellationToken)
    {
        var asked = await Place.Account.RunAsync(
            [binaries.Postgres, "-C", setting, "-D", Directory, "-c", "config_file=/dev/null", "-c", $"{setting}=lz4"], cancellationToken);
        return asked.Succeeded;
    }

    // pg_ctl puts the path between double quotes of a shell's line, where these still mean something.
    private static string ArgumentForPgCtl(string directory) => directory.AsSpan().ContainsAny("$`\"\\") ? "." : directory;

    private static string Seconds(TimeSpan time) =>
        Math.Max(1, (int)Math.Ceiling(time.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
}
