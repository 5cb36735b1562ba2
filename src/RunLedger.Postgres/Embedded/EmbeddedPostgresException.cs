namespace RunLedger.Postgres.Embedded;

/// <summary>The private PostgreSQL cluster cannot be made, started, reached or stopped. The message says why and what helps.</summary>
public class EmbeddedPostgresException : Exception
{
    /// <summary>A failure without a cause of its own in .NET; where the server wrote a log, the message ends with its last lines.</summary>
    public EmbeddedPostgresException(string message)
        : base(message)
    {
    }

    /// <summary>A failure that another exception caused.</summary>
    public EmbeddedPostgresException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
