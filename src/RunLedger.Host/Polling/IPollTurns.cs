namespace RunLedger.Host.Polling;

/// <summary>Gives polls their turns: by the host's own schedule (<see cref="PollingService"/>), or by messages that Wolverine schedules.</summary>
public interface IPollTurns
{
    /// <summary>Begins a poll, if it is its turn; from then on its watch is this poll's alone.</summary>
    /// <returns>Its place at the upstream to ask; null if it is not this poll's turn, now or any more: then there is nothing to do and nothing to end.</returns>
    /// <exception cref="Npgsql.NpgsqlException">The ledger's database cannot be reached.</exception>
    Task<Place?> BeginAsync(Poll poll, CancellationToken cancellationToken);

    /// <summary>Keeps the watch for a poll that goes on.</summary>
    /// <exception cref="Npgsql.NpgsqlException">The ledger's database cannot be reached.</exception>
    Task HoldAsync(Poll poll, CancellationToken cancellationToken);

    /// <summary>Ends a poll: the next one is scheduled, or the watch is done with.</summary>
    /// <exception cref="Npgsql.NpgsqlException">The ledger's database cannot be reached.</exception>
    Task EndAsync(Poll poll, PollResult result, CancellationToken cancellationToken);
}
