using RunLedger.Domain.Json;
using RunLedger.Domain.Observations;
using RunLedger.Domain.Quarantine;
using RunLedger.Postgres;
using RunLedger.Postgres.Polling;
using RunLedger.Postgres.Recording;

namespace RunLedger.Host.Polling;

/// <summary>Puts an answer that is not what was asked for into quarantine, and says when to ask again.</summary>
internal static class Rejection
{
    /// <summary>
    /// Keeps the answer. JSON with a defect is kept each time it is another one; what is no JSON, such as an error page with the time in it, is
    /// kept once until an answer is good again.
    /// </summary>
    /// <returns>The result of the poll, and the answer's JSON if it is any.</returns>
    public static async Task<(PollResult Result, JsonText? Body)> KeepAsync(
        Watch watch, ReadOnlyMemory<byte> answer, DateTimeOffset receivedAt, Defect defect, Pace pace, Ledger ledger,
        CancellationToken cancellationToken)
    {
        var body = JsonBody.Read(answer);
        if (body is not null || watch.LastOutcome != PollOutcome.Unreadable)
            await ledger.Recorder.RecordAsync([new Submission.Rejected(Item(watch, answer, receivedAt, defect))], cancellationToken);
        PollResult result = pace.Failed(watch, PollOutcome.Unreadable, defect.ToString());
        return (result with { UpstreamFailed = body is null }, body);
    }

    /// <summary>An item for quarantine.</summary>
    public static QuarantinedItem Item(Watch watch, ReadOnlyMemory<byte> text, DateTimeOffset receivedAt, Defect defect) =>
        new(watch.Key.Tenant, text, RecordObservationsHandler.Source, watch.Key.ToString(), defect, receivedAt.ToMicroseconds());
}
