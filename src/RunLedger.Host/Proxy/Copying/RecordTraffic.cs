using System.Threading.Channels;
using Npgsql;
using RunLedger.Domain.Capture;
using RunLedger.Host.Capture;
using RunLedger.Postgres.Recording;

namespace RunLedger.Host.Proxy.Copying;

/// <summary>
/// Records behind the traffic what has passed, in the order in which it came. While the database cannot be reached it is tried again and what passes waits, as
/// long as there is room for it.
/// </summary>
internal sealed class RecordTraffic(ObservationIntake intake, CopyRoom room, UnobservedTraffic missed, TimeProvider clock, ILogger<RecordTraffic> logger)
    : BackgroundService
{
    private const int MostTogether = 256;
    private const long MostBytesTogether = 16 * 1024 * 1024;

    // What a waiting copy takes beside its bytes, about.
    private const int Overhead = 512;

    private static readonly TimeSpan BetweenTries = TimeSpan.FromMilliseconds(250);

    // Longer than the recorder tries at the end.
    private static readonly TimeSpan ShutdownLimit = TimeSpan.FromSeconds(5);

    private readonly Channel<Passed> _waiting = Channel.CreateUnbounded<Passed>();
    private readonly CancellationTokenSource _stopping = new();
    private bool _isFailing;

    /// <summary>Takes over something that passed.</summary>
    /// <returns>Whether there was room for it; if not, it is not observed.</returns>
    public bool TryAdd(Passed passed)
    {
        var hasRoom = room.TryTake(Overhead);
        if (hasRoom && _waiting.Writer.TryWrite(passed)) return true;
        missed.Add(hasRoom ? MissReason.NotRecorded : MissReason.NoRoom, passed.Passage);
        if (hasRoom) room.GiveBack(Overhead);
        passed.Dispose();
        return false;
    }

    /// <summary>Records what has passed, unless that takes too long.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        _waiting.Writer.TryComplete();
        await _stopping.CancelAsync();
        // The host's own limit may be over: streams that were open to the end took it.
        if (ExecuteTask is { } recording) await Task.WhenAny(recording, Task.Delay(ShutdownLimit, clock, CancellationToken.None));
        while (_waiting.Reader.TryRead(out var left)) Miss(left, null);
        missed.TellRest();
        await base.StopAsync(cancellationToken);
    }

    public override void Dispose()
    {
        base.Dispose();
        _stopping.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (await _waiting.Reader.WaitToReadAsync(CancellationToken.None))
            await RecordTogetherAsync();
    }

    private async Task RecordTogetherAsync()
    {
        var underWay = new List<Task<Passed?>>();
        for (var bytes = 0L; underWay.Count < MostTogether && bytes < MostBytesTogether && _waiting.Reader.TryRead(out var next); bytes += next.Size)
            underWay.Add(RecordAsync(next));
        while (true)
        {
            var tried = await Task.WhenAll(underWay);
            await Task.Yield(); // Or what follows goes on in the recorder's own work.
            underWay.Clear();
            var lost = tried.OfType<Passed>().ToList();
            if (lost.Count == 0) return;
            await Task.Delay(BetweenTries, clock, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            underWay.AddRange(lost.Select(RecordAsync));
        }
    }

    /// <returns>What passed, if it is to be tried again; null if it is done with.</returns>
    private async Task<Passed?> RecordAsync(Passed passed)
    {
        try
        {
            var items = passed.Items(intake.Recent, missed);
            await intake.RecordAsync(passed.Passage.Tenant, items, Passed.Source, CancellationToken.None, passed.Passage.ToString());
            if (items.Any(item => item is not Skipped)) Succeeded();
            Release(passed);
            return null;
        }
        catch (NpgsqlException lost) when (Failures.MayPass(lost) && !_stopping.IsCancellationRequested)
        {
            Failed(lost);
            return passed;
        }
        catch (Exception failure)
        {
            Miss(passed, failure);
            return null;
        }
    }

    private void Failed(NpgsqlException lost)
    {
        if (!_isFailing)
            logger.LogWarning("The ledger does not record at the moment; what passes the proxy waits, as long as there is room: {Reason}", lost.Message);
        _isFailing = true;
    }

    private void Succeeded()
    {
        if (_isFailing) logger.LogInformation("The ledger records again what passes the proxy.");
        _isFailing = false;
    }

    private void Miss(Passed passed, Exception? failure)
    {
        missed.Add(MissReason.NotRecorded, passed.Passage, cause: failure);
        Release(passed);
    }

    private void Release(Passed passed)
    {
        passed.Dispose();
        room.GiveBack(Overhead);
    }
}
