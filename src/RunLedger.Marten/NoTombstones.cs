using Marten;

namespace RunLedger.Marten;

/// <summary>
/// Keeps Marten from filling the positions of a failed append with tombstones. It writes them afterwards, in a transaction of their own: below positions
/// that were committed in between, where a follower of the ledger would not see them, and in a stream that is no run. The ledger's
/// followers need no tombstones: a position that is not there when a later one is, never will be.
/// </summary>
internal sealed class NoTombstones : DocumentSessionListenerBase
{
    // By now the appends are operations; what is left in the list of streams is there for tombstones alone.
    public override Task BeforeSaveChangesAsync(IDocumentSession session, CancellationToken token)
    {
        session.PendingChanges.Streams().Clear();
        return Task.CompletedTask;
    }
}
