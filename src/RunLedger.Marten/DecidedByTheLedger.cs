using Marten;

namespace RunLedger.Marten;

/// <summary>Marks a session whose events were decided by the ledger: it brings its view changes along.</summary>
internal sealed class DecidedByTheLedger : DocumentSessionListenerBase
{
    public static readonly DecidedByTheLedger Mark = new();

    public static bool Is(IDocumentSession session) => session.Listeners.Contains(Mark);
}
