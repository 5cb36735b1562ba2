using RunLedger.Postgres.Polling;

namespace RunLedger.Host.Polling;

/// <summary>The message that a run is to be asked for once.</summary>
/// <inheritdoc cref="Poll(Watch, string, DateTimeOffset)"/>
public sealed record PollRun(Watch Watch, string Turn, DateTimeOffset DueAt) : Poll(Watch, Turn, DueAt);

/// <summary>Asks once how a run is.</summary>
public static class PollRunHandler
{
    /// <summary>Asks.</summary>
    /// <param name="poll">What to ask for.</param>
    /// <param name="turns">Whose turn it is.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>What was answered and is to be recorded; null if there is nothing of that kind.</returns>
    /// <exception cref="Npgsql.NpgsqlException">The ledger's database cannot be reached.</exception>
    public static async Task<RecordObservations?> HandleAsync(PollRun poll, IPollTurns turns, CancellationToken cancellationToken)
    {
        using var place = await turns.BeginAsync(poll, cancellationToken);
        if (place?.Upstream is not { } upstream) return null;
        var (_, _, thread, run) = poll.Watch.Key;
        var answer = await upstream.AskAsync($"threads/{Uri.EscapeDataString(thread)}/runs/{Uri.EscapeDataString(run)}", cancellationToken);
        if (answer is UpstreamAnswer.Success success) return new RecordObservations(poll, success.Body, success.ReceivedAt);
        await turns.EndAsync(poll, PollResult.OfRefusal(answer, poll.Watch, upstream.Pace), cancellationToken);
        return null;
    }
}
