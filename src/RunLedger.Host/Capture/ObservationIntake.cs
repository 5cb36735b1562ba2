using RunLedger.Domain.Capture;
using RunLedger.Domain.Observations;
using RunLedger.Domain.Quarantine;
using RunLedger.Domain.Runs;
using RunLedger.Postgres;
using RunLedger.Postgres.Recording;

namespace RunLedger.Host.Capture;

/// <summary>
/// The one way in for all captures: what was read from input is recorded, what could not be read is kept in quarantine, and each item gets a
/// receipt once that is committed.
/// </summary>
public sealed class ObservationIntake(Ledger ledger, TimeProvider clock)
{
    /// <summary>The snapshots that were pushed last, so that of the next ones only what differs is read.</summary>
    public RecentSnapshots Recent { get; } = new();

    /// <summary>Records what was read from some input.</summary>
    /// <param name="tenant">The tenant that it is for.</param>
    /// <param name="items">What <see cref="ObservationReader"/> read, in order.</param>
    /// <param name="source">The way that it came, for items that go to quarantine.</param>
    /// <param name="cancellationToken">Ends the wait; what has been handed in is recorded all the same.</param>
    /// <param name="file">The file that it is from, for the places of items that go to quarantine; null for none.</param>
    /// <returns>One receipt for each item, in their order.</returns>
    /// <exception cref="Npgsql.NpgsqlException">The database cannot be reached for longer than the recorder tries.</exception>
    public async Task<IReadOnlyList<ItemReceipt>> RecordAsync(
        TenantId tenant, IReadOnlyList<CapturedItem> items, string source, CancellationToken cancellationToken, string? file = null)
    {
        var receipts = await ledger.Recorder.RecordAsync(SubmissionsOf(tenant, items, source, file), cancellationToken);
        var answered = new ItemReceipt[items.Count];
        for (int i = 0, next = 0; i < answered.Length; i++)
            answered[i] = items[i] is Skipped skipped
                ? new ItemReceipt(skipped.At, null, skipped.Reason)
                : new ItemReceipt(items[i].At, receipts[next++], null);
        return answered;
    }

    /// <summary>Records all that the items of a stream show, in chunks of bounded size, a few of them at a time.</summary>
    /// <param name="tenant">The tenant that it is for.</param>
    /// <param name="input">NDJSON, a JSON array, or JSON values, events of an export among them; read to its end, not disposed.</param>
    /// <param name="options">What to assume, and what to allow.</param>
    /// <param name="limits">How much is in memory at a time; null for the usual.</param>
    /// <param name="cancellationToken">Ends the reading; what has been handed in is recorded all the same, and its chunks are given before the end.</param>
    /// <param name="file">The file that the stream is of, for the places of items that go to quarantine; null for none.</param>
    /// <returns>
    /// Each chunk once it is committed, in the order of the input. Where an array is broken the last chunk says so; what stands before it is
    /// recorded.
    /// </returns>
    /// <exception cref="IOException">The stream cannot be read; what stands before that is recorded, and given first.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was requested.</exception>
    /// <exception cref="Npgsql.NpgsqlException">The database cannot be reached for longer than the recorder tries.</exception>
    public IAsyncEnumerable<IntakeChunk> ImportAsync(
        TenantId tenant, Stream input, CaptureOptions options, ImportLimits? limits, CancellationToken cancellationToken, string? file = null) =>
        StreamImport.RunAsync(this, tenant, input, options, limits ?? new ImportLimits(), file, cancellationToken);

    /// <summary>Reads every waiting item of a tenant's quarantine once more, records what can be recorded now, and notes the outcome of each.</summary>
    /// <param name="tenant">The tenant.</param>
    /// <param name="cancellationToken">Ends the work between two pages of items.</param>
    /// <returns>What became of the items' parts; quarantined are those that still have a defect.</returns>
    public Task<IntakeCounts> RetryQuarantineAsync(TenantId tenant, CancellationToken cancellationToken) =>
        QuarantineRetry.RunAsync(ledger, this, clock, tenant, cancellationToken);

    private Submission[] SubmissionsOf(TenantId tenant, IReadOnlyList<CapturedItem> items, string source, string? file)
    {
        var submissions = new Submission[items.Count];
        var count = 0;
        foreach (var item in items)
        {
            if (item is Observed observed) submissions[count++] = new Submission.Observed(tenant, observed.Observation, Place(file, observed.At));
            else if (item is Rejected rejected) submissions[count++] = new Submission.Rejected(Quarantined(tenant, rejected, source, file)) { Run = rejected.Run };
        }
        return count == submissions.Length ? submissions : submissions[..count];
    }

    private QuarantinedItem Quarantined(TenantId tenant, Rejected rejected, string source, string? file) =>
        new(tenant, rejected.Raw, source, Place(file, rejected.At), rejected.Defect, clock.GetUtcNow().ToMicroseconds());

    private static string Place(string? file, ItemPointer at) => file is null ? at.ToString() : $"{file}, {at}";
}

/// <summary>What became of an item.</summary>
/// <param name="At">Where it stands in the input.</param>
/// <param name="Receipt">The recorder's receipt; null if the item was skipped.</param>
/// <param name="Skipped">Why it was skipped; null if it was not.</param>
public readonly record struct ItemReceipt(ItemPointer At, Receipt? Receipt, string? Skipped);

/// <summary>How many items came to what.</summary>
/// <param name="Recorded">Those that showed something new.</param>
/// <param name="Unchanged">Those that showed nothing new.</param>
/// <param name="Late">Those that were older than what was known.</param>
/// <param name="Quarantined">Those that could not be recorded.</param>
/// <param name="Skipped">Those that show no run.</param>
public readonly record struct IntakeCounts(long Recorded, long Unchanged, long Late, long Quarantined, long Skipped)
{
    /// <summary>All of them.</summary>
    public long Total => Recorded + Unchanged + Late + Quarantined + Skipped;

    /// <summary>The counts of some receipts.</summary>
    public static IntakeCounts Of(IReadOnlyList<ItemReceipt> receipts)
    {
        var counts = default(IntakeCounts);
        foreach (var receipt in receipts) counts += One(receipt.Receipt?.Outcome);
        return counts;
    }

    /// <summary>The sum of two counts.</summary>
    public static IntakeCounts operator +(IntakeCounts x, IntakeCounts y) => new(
        x.Recorded + y.Recorded, x.Unchanged + y.Unchanged, x.Late + y.Late, x.Quarantined + y.Quarantined, x.Skipped + y.Skipped);

    /// <summary>The sum of two counts.</summary>
    public static IntakeCounts Add(IntakeCounts left, IntakeCounts right) => left + right;

    /// <summary>The counts of a single item.</summary>
    /// <param name="outcome">What became of it; null if it was skipped.</param>
    internal static IntakeCounts One(Outcome? outcome) => outcome switch
    {
        Outcome.Recorded => new(1, 0, 0, 0, 0),
        Outcome.Unchanged => new(0, 1, 0, 0, 0),
        Outcome.Late => new(0, 0, 1, 0, 0),
        Outcome.Quarantined => new(0, 0, 0, 1, 0),
        _ => new(0, 0, 0, 0, 1),
    };
}
