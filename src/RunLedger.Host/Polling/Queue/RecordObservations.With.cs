using RunLedger.Domain.Observations;
using RunLedger.Postgres;
using RunLedger.Postgres.Recording;

namespace RunLedger.Host.Polling.Queue;

/// <summary>The message that something was seen and is to be recorded.</summary>
/// <param name="Id">Names it to who waits for the receipts.</param>
/// <param name="Seen">What was seen.</param>
public sealed record RecordObservations(Guid Id, IReadOnlyList<SeenSnapshot> Seen);

/// <summary>A snapshot that a poll saw.</summary>
/// <param name="Tenant">The tenant.</param>
/// <param name="Snapshot">Its JSON in UTF-8.</param>
/// <param name="ObservedAt">When it was seen. UTC.</param>
/// <param name="Source">By which way it was seen.</param>
/// <param name="Pointer">Where it came from.</param>
public sealed record SeenSnapshot(string Tenant, byte[] Snapshot, DateTimeOffset ObservedAt, string Source, string Pointer)
{
    /// <summary>What is handed to the recorder.</summary>
    public Submission Submission()
    {
        var read = Domain.Observations.Snapshot.Read(Snapshot);
        var snapshot = read.Value ?? throw new InvalidDataException($"{Pointer} {read.Defect}");
        return new Submission.Observed(new TenantId(Tenant), new Observation(snapshot, ObservedAt, TimeBasis.Stated, Source), Pointer);
    }
}

/// <summary>Records what was seen; Wolverine calls it.</summary>
public static class RecordObservationsHandler
{
    /// <summary>Records, and tells who waits.</summary>
    public static async Task HandleAsync(RecordObservations message, Ledger ledger, QueuedPollRecorder polls)
    {
        var receipts = await ledger.Recorder.RecordAsync([.. message.Seen.Select(seen => seen.Submission())], CancellationToken.None);
        polls.Recorded(message.Id, receipts);
    }
}
