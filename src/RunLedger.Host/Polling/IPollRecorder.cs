using RunLedger.Postgres;
using RunLedger.Postgres.Recording;

namespace RunLedger.Host.Polling;

/// <summary>Records what polls saw: at once, or by way of a durable queue (see <see cref="PollingOptions.DurableQueue"/>).</summary>
public interface IPollRecorder
{
    /// <summary>Records, and gives the receipts once all of it is committed.</summary>
    Task<IReadOnlyList<Receipt>> RecordAsync(IReadOnlyList<Submission> seen, CancellationToken cancellationToken);
}

/// <summary>Records what polls saw at once.</summary>
internal sealed class DirectPollRecorder(Ledger ledger) : IPollRecorder
{
    public Task<IReadOnlyList<Receipt>> RecordAsync(IReadOnlyList<Submission> seen, CancellationToken cancellationToken) =>
        ledger.Recorder.RecordAsync(seen, cancellationToken);
}
