namespace RunLedger.Postgres.Embedded;

/// <summary>How the private PostgreSQL cluster is run.</summary>
public sealed record EmbeddedPostgresOptions
{
    /// <summary>
    /// Settings of postgresql.conf that replace or extend the built-in ones, for example <c>["shared_buffers"] = "64MB"</c>. They apply
    /// when the server starts; a server that runs already keeps its own.
    /// </summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();

    /// <summary>The directories to look for server binaries in; null looks where <see cref="PostgresBinaries.FindAsync"/> does.</summary>
    public IReadOnlyList<string>? BinaryDirectories { get; init; }

    /// <summary>
    /// The directory of the socket, at most 90 bytes long and for this cluster alone; null takes one below /tmp that follows from the data
    /// directory's path. Every process that uses the cluster must name the same.
    /// </summary>
    public string? SocketDirectory { get; init; }

    /// <summary>The longest wait for the server to accept connections; recovery and waiting for another process are included.</summary>
    public TimeSpan StartTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>The longest wait for a fast shutdown; then the server is stopped at once, and recovers at its next start.</summary>
    public TimeSpan StopTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The longest pause between two attempts to restart a server that died.</summary>
    public TimeSpan LongestRestartDelay { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The size in bytes at which the server's log is set aside as postgres.log.1, which replaces the one before.</summary>
    public long LogSizeLimit { get; init; } = 16 * 1024 * 1024;

    /// <summary>Measures the waits.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;
}
