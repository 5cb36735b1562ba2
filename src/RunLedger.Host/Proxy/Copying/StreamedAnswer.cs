using RunLedger.Domain.Capture;

namespace RunLedger.Host.Proxy.Copying;

/// <summary>
/// A copy of a stream of events, whose snapshots are handed on as they pass: a run is seen before the stream ends that tells of it. Of the other events,
/// most of them deltas, nothing is kept.
/// </summary>
internal sealed class StreamedAnswer(PassingStream stream, int largest, CopyRoom room, RecordTraffic recorder, UnobservedTraffic missed, TimeProvider clock)
    : AnswerCopy(stream.Passage, missed)
{
    private readonly EventSplitter _splitter = new(largest);
    private DateTimeOffset _lastAt;
    private int _held, _told;
    private bool _hasShown;

    protected override void Take(ReadOnlySpan<byte> text)
    {
        while (_splitter.TryTake(ref text, out var data)) Offer(data);
        TakeRoom(_splitter.Held);
        TellPassedOver();
    }

    protected override void TakeEnd()
    {
        if (_splitter.TryTakeLast(out var data)) Offer(data);
        TellPassedOver();
        Release(isCounted: true);
    }

    // What has passed of an event that is not whole shows nothing.
    protected override void Release(bool isCounted)
    {
        TakeRoom(0);
        if (!_hasShown) stream.Request?.Dispose();
    }

    private void Offer(ReadOnlyMemory<byte> data)
    {
        if (!EventReader.Shows(data)) return;
        if (!room.TryTake(data.Length))
        {
            Missed.Add(MissReason.NoRoom, Passage);
            return;
        }
        _hasShown |= recorder.TryAdd(new PassedEvent(stream, data.ToArray(), _splitter.Number, NextTime(), room));
    }

    // The order of a stream's events is that of their times, however quickly they come.
    private DateTimeOffset NextTime()
    {
        var now = clock.GetUtcNow();
        return _lastAt = now > _lastAt ? now : _lastAt + TimeSpan.FromMicroseconds(1);
    }

    private void TakeRoom(int held)
    {
        if (held > _held && !room.TryTake(held - _held))
        {
            _splitter.PassOver();
            Missed.Add(MissReason.NoRoom, Passage);
            (held, _told) = (0, _told + 1);
        }
        if (held < _held) room.GiveBack(_held - held);
        _held = held;
    }

    private void TellPassedOver()
    {
        if (_splitter.PassedOver > _told) Missed.Add(MissReason.TooLarge, Passage, _splitter.PassedOver - _told);
        _told = _splitter.PassedOver;
    }
}
