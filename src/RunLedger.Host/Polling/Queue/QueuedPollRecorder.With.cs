using System.Collections.Concurrent;
using RunLedger.Postgres;
using RunLedger.Postgres.Recording;
using Wolverine;

namespace RunLedger.Host.Polling.Queue;

/// <summary>Records what polls saw by way of the durable queue, and waits for the receipts.</summary>
/// <param name="services">Where messages are sent from.</param>
/// <param name="ledger">The ledger.</param>
public sealed class QueuedPollRecorder(IServiceProvider services, Ledger ledger) : IPollRecorder
{
    private readonly ConcurrentDictionary<Guid, TaskCompletionSource<IReadOnlyList<Receipt>>> _waiting = new();

    /// <inheritdoc/>
    public async Task<IReadOnlyList<Receipt>> RecordAsync(IReadOnlyList<Submission> seen, CancellationToken cancellationToken)
    {
        // What is for quarantine goes there; it need not be kept before.
        if (seen.Count == 0 || seen.Any(submission => submission is not Submission.Observed)) return await ledger.Recorder.RecordAsync(seen, cancellationToken);
        var message = new RecordObservations(Guid.CreateVersion7(), [.. seen.Cast<Submission.Observed>().Select(Of)]);
        var receipts = new TaskCompletionSource<IReadOnlyList<Receipt>>(TaskCreationOptions.RunContinuationsAsynchronously);
        _waiting[message.Id] = receipts;
        try
        {
            await using var scope = services.CreateAsyncScope();
            await scope.ServiceProvider.GetRequiredService<IMessageBus>().PublishAsync(message);
            return await receipts.Task.WaitAsync(cancellationToken);
        }
        finally
        {
            _waiting.TryRemove(message.Id, out _);
        }
    }

    internal void Recorded(Guid id, IReadOnlyList<Receipt> receipts)
    {
        if (_waiting.TryGetValue(id, out var waiting)) waiting.TrySetResult(receipts);
    }

    private static SeenSnapshot Of(Submission.Observed seen) => new(
        seen.Tenant.Value, seen.Observation.Snapshot.Json.Utf8.ToArray(), seen.Observation.ObservedAt, seen.Observation.Source, seen.Pointer);
}
