namespace RunLedger.Postgres.Embedded;

/// <summary>No usable PostgreSQL server binaries are on this machine. The message says where was looked and how to install them.</summary>
public sealed class PostgresNotFoundException : EmbeddedPostgresException
{
    internal PostgresNotFoundException(string wanted, IReadOnlyList<string> searched)
        : base($"{wanted} not found. Looked in {string.Join(", ", searched)}. "
            + $"Install it with `{InstallAdvice.Command()}`, or name its bin directory in {PostgresBinaries.EnvironmentVariable}.")
    {
        Searched = searched;
    }

    /// <summary>The directories that were looked in, in order.</summary>
    public IReadOnlyList<string> Searched { get; }
}
