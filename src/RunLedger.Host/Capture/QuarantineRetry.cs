using RunLedger.Domain.Capture;
using RunLedger.Domain.Observations;
using RunLedger.Domain.Runs;
using RunLedger.Postgres;
using RunLedger.Postgres.Quarantine;

namespace RunLedger.Host.Capture;

/// <summary>Sends waiting items in again, as they came: after a fix of the ledger, or of its limits, some of them can be read.</summary>
internal static class QuarantineRetry
{
    private const int PageSize = 100;

    public static async Task<IntakeCounts> RunAsync(
        Ledger ledger, ObservationIntake intake, TimeProvider clock, TenantId tenant, CancellationToken cancellationToken)
    {
        var counts = default(IntakeCounts);
        long after = 0;
        while (await ledger.Quarantine.ListAsync(tenant, after, PageSize, cancellationToken) is { Count: > 0 } page)
        {
            foreach (var waiting in page) counts += await RetryAsync(ledger, intake, clock, tenant, waiting);
            cancellationToken.ThrowIfCancellationRequested();
            after = page[^1].Id;
        }
        return counts;
    }

    // What still cannot be read is in quarantine already, so that only the rest is handed in. Between that and the mark the ledger may stop:
    // the item is then retried again, and shows nothing new.
    private static async Task<IntakeCounts> RetryAsync(Ledger ledger, ObservationIntake intake, TimeProvider clock, TenantId tenant, WaitingItem waiting)
    {
        var whole = await ledger.Quarantine.ReadAsync(tenant, waiting, CancellationToken.None);
        // Of what was too large only a note is there, or nothing.
        var known = whole.IsEmpty || TooLarge.IsNote(whole.Span) ? waiting.Defect : null;
        var items = ObservationReader.Read(new FramedItem(whole, new ItemPointer(1, 1), 0, known), OptionsOf(waiting));
        var rejected = items.OfType<Rejected>().ToList();
        var receipts = await intake.RecordAsync(tenant, [.. items.Where(item => item is not Rejected)], waiting.Source, CancellationToken.None);
        var defect = rejected.Select(item => item.Defect).Concat(receipts.Select(receipt => receipt.Receipt?.Error).OfType<Defect>()).FirstOrDefault();
        await ledger.Quarantine.MarkRetriedAsync(tenant, waiting, clock.GetUtcNow().ToMicroseconds(), defect, CancellationToken.None);
        return rejected.Aggregate(IntakeCounts.Of(receipts), (counts, _) => counts + IntakeCounts.One(Outcome.Quarantined));
    }

    // An import takes recorded exchanges, and times from the snapshots themselves. What was pushed or polled had been seen when it came: it is no news
    // any more if the run has been seen since.
    private static CaptureOptions OptionsOf(WaitingItem waiting) =>
        waiting.Source == "import" ? new CaptureOptions(waiting.Source) { AllowExchanges = true }
        : new CaptureOptions(waiting.Source) { ObservedAt = waiting.ReceivedAt, IsStated = true };
}
