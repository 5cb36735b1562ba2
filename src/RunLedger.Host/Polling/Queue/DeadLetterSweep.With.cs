using System.Buffers.Text;
using Npgsql;
using RunLedger.Domain.Observations;
using RunLedger.Domain.Quarantine;
using RunLedger.Postgres;
using RunLedger.Postgres.Polling;
using RunLedger.Postgres.Quarantine;
using Wolverine;
using Wolverine.Runtime;
using Wolverine.Runtime.Serialization;
using Wolverine.Util;

namespace RunLedger.Host.Polling.Queue;

/// <summary>
/// Empties Wolverine's dead letters. What was seen and could not be recorded, and what cannot be read at all, goes to the quarantine of its tenant, with
/// the reason. The watch of a message that was given up is polled again, later than usual, and says why: a poll that failed has seen nothing to keep.
/// </summary>
public sealed class DeadLetterSweep(
    Ledger ledger, IWolverineRuntime runtime, IPollTurns turns, Upstreams upstreams, TimeProvider clock, ILogger<DeadLetterSweep> logger) : BackgroundService
{
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(2);

    private static readonly Dictionary<string, Type> MessageTypes =
        new[] { typeof(PollRun), typeof(PollThread), typeof(RecordObservations) }.ToDictionary(type => type.ToMessageTypeName(), StringComparer.Ordinal);

    private readonly DeadLetterStore _letters = new(ledger.DataSource);
    private bool _isReachable = true;

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            using var timer = new PeriodicTimer(Rest, clock);
            do await SweepAsync(stoppingToken);
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            logger.LogDebug("Dead letters are left to other hosts, or to the next start.");
        }
    }

    private async Task SweepAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (await _letters.MoveDeadAsync(SettleAsync, cancellationToken) > 0) logger.LogDebug("Dead letters were settled.");
            while (await _letters.MoveUnreadableAsync(Refuse, cancellationToken) > 0) logger.LogDebug("Unreadable messages were settled.");
            _isReachable = true;
        }
        catch (NpgsqlException lost)
        {
            if (_isReachable) logger.LogWarning("The database does not take dead letters; they are kept until it does: {Reason}", lost.Message);
            _isReachable = false;
        }
    }

    private async Task<QuarantinedItem?> SettleAsync(DeadLetter letter, CancellationToken cancellationToken)
    {
        logger.LogWarning("A message is given up, {Type} {Id}: {Reason}", letter.MessageType, letter.Id, letter.Failure);
        if (Open(letter, out _) is not { } envelope) return Unopened(letter, letter.Failure);
        var message = Read(envelope);
        var poll = message as Poll ?? (message as RecordObservations)?.Poll;
        if (poll is { Watch: { } watch, Turn: not null })
        {
            var result = upstreams.PaceOf(watch.Key).Failed(watch, PollOutcome.NotRecorded, letter.Failure);
            await turns.EndAsync(poll, result, cancellationToken);
            if (message is Poll) return null;
        }
        return Item(letter, envelope, message as RecordObservations);
    }

    private QuarantinedItem? Refuse(DeadLetter letter)
    {
        if (Open(letter, out var defect) is not null) return null;
        logger.LogWarning("A message is given up, {Type} {Id}: {Reason}", letter.MessageType, letter.Id, defect);
        return Unopened(letter, defect);
    }

    // What cannot be read may be anything, and fail in any way; it is kept with the reason.
    private static Envelope? Open(DeadLetter letter, out string defect)
    {
        try
        {
            defect = "";
            return EnvelopeSerializer.Deserialize(letter.Body);
        }
        catch (Exception unreadable)
        {
            defect = unreadable.Message;
            return null;
        }
    }

    private object? Read(Envelope envelope)
    {
        if (envelope.MessageType is not { } name || !MessageTypes.TryGetValue(name, out var type)) return null;
        try
        {
            return runtime.Options.DefaultSerializer.ReadFromData(type, envelope);
        }
        catch (Exception unreadable)
        {
            logger.LogDebug(unreadable, "A dead letter cannot be read; it goes to quarantine as it is.");
            return null;
        }
    }

    // The answer alone where there is one: it can be recorded after a fix, by whatever version.
    private static QuarantinedItem Item(DeadLetter letter, Envelope envelope, RecordObservations? seen)
    {
        var tenant = new TenantId(envelope.TenantId ?? TenantId.Default.Value);
        var defect = new Defect("", $"cannot be recorded: {letter.Failure}");
        if (seen?.Poll is { Watch: { } watch }) return Rejection.Item(watch, seen.Answer, seen.ReceivedAt, defect);
        var data = envelope.Data ?? letter.Body;
        var answer = JsonBody.Read(data)?.Property("answer"u8)?.AsString();
        var item = answer is { Length: > 0 } && Base64.IsValid(answer) ? Convert.FromBase64String(answer) : data;
        return new QuarantinedItem(tenant, item, RecordObservationsHandler.Source, PointerTo(letter), defect, letter.SentAt.ToMicroseconds());
    }

    private static QuarantinedItem Unopened(DeadLetter letter, string reason) => new(
        TenantId.Default, letter.Body, RecordObservationsHandler.Source, PointerTo(letter), new Defect("", $"is no message that can be read: {reason}"),
        letter.SentAt.ToMicroseconds());

    private static string PointerTo(DeadLetter letter) => $"message {letter.Id}";
}
