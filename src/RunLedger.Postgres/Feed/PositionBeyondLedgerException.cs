namespace RunLedger.Postgres.Feed;

/// <summary>A reader wants to go on after a position that the ledger has never given: it read another ledger, or this one before it was restored.</summary>
/// <param name="position">The position.</param>
public sealed class PositionBeyondLedgerException(long position)
    : Exception($"Position {position} is beyond the last that this ledger ever gave: it is of another ledger, or of this one before it was restored from a backup.");
