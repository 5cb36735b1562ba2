using Npgsql;

namespace RunLedger.Postgres.Replay;

/// <summary>A rebuild under way, as the database knows it.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Attempt">How often it was begun or taken over; only who has the last number may write.</param>
/// <param name="Target">What is rebuilt.</param>
internal sealed record Rebuild(long Id, int Attempt, RebuildTarget Target)
{
    /// <summary>Notes how far the rebuild is, in the transaction that brought it there.</summary>
    /// <exception cref="RebuildTakenOverException">Somebody else has taken the rebuild over.</exception>
    public async Task AdvanceAsync(NpgsqlConnection connection, string phase, long position, CancellationToken cancellationToken, string? failure = null)
    {
        await using var command = new NpgsqlCommand(Sql.Text("Replay/advance_rebuild.sql"), connection)
        {
            Parameters =
            {
                new NpgsqlParameter<long> { TypedValue = Id },
                new NpgsqlParameter<int> { TypedValue = Attempt },
                new NpgsqlParameter<string> { TypedValue = phase },
                new NpgsqlParameter<long> { TypedValue = position },
                QueryParameter.Text(failure),
            },
        };
        if (await command.ExecuteNonQueryAsync(cancellationToken) != 1) throw new RebuildTakenOverException();
    }
}

/// <summary>Names of the phases of a rebuild.</summary>
internal static class RebuildPhases
{
    public const string Copying = "copying";
    public const string Indexing = "indexing";
    public const string CatchingUp = "catching_up";
    public const string Switched = "switched";
    public const string Abandoned = "abandoned";
}

/// <summary>Somebody else has taken this rebuild over, since the connection that held it was lost. Nothing is written here any more.</summary>
public sealed class RebuildTakenOverException() : Exception("This rebuild was taken over by another process, because this one had lost its connection to the database.");

/// <summary>Others have put upon a view's table what a rebuild, which replaces the table, cannot carry over: triggers, say. Nothing is rebuilt.</summary>
/// <param name="message">Names it, and says what to do.</param>
public sealed class UncarriedObjectsException(string message) : Exception(message)
{
    /// <summary>The SQLSTATE with which the database refuses.</summary>
    internal const string SqlState = "RL002";
}

/// <summary>A rebuild is under way already: there is one at a time.</summary>
public sealed class RebuildUnderWayException() : Exception("A rebuild is under way already, and there is one at a time. See: runledger projections status");
