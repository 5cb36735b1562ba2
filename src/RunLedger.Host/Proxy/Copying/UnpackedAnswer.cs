using System.Buffers;
using System.IO.Pipelines;
using RunLedger.Host.Api.Http;

namespace RunLedger.Host.Proxy.Copying;

/// <summary>A copy of a stream of events that is compressed: it is unpacked beside the traffic, which does not wait for it.</summary>
internal sealed class UnpackedAnswer : AnswerCopy
{
    private const int MostAhead = 1024 * 1024;

    private readonly Pipe _compressed = new(new PipeOptions(pauseWriterThreshold: MostAhead, resumeWriterThreshold: MostAhead / 2));
    private readonly StreamedAnswer _events;

    public UnpackedAnswer(StreamedAnswer events, string coding, Passage passage, UnobservedTraffic missed)
        : base(passage, missed)
    {
        _events = events;
        _ = UnpackAsync(coding);
    }

    protected override void Take(ReadOnlySpan<byte> text)
    {
        _compressed.Writer.Write(text);
        var flush = _compressed.Writer.FlushAsync();
        if (!flush.IsCompleted) GiveUp(MissReason.NoRoom); // More is on its way than has been unpacked.
    }

    protected override void TakeEnd() => _compressed.Writer.Complete();

    protected override void Release(bool isCounted) => _compressed.Writer.Complete(new IOException("The stream broke off."));

    private async Task UnpackAsync(string coding)
    {
        await using var compressed = _compressed.Reader.AsStream();
        await using var text = ContentCodings.Decompress(compressed, coding);
        if (text is null)
        {
            Missed.Add(MissReason.Undecodable, Passage);
            _events.BreakOff();
            return;
        }
        try
        {
            var buffer = new byte[16 * 1024];
            while (await text.ReadAsync(buffer) is > 0 and var read) _events.Add(buffer.AsSpan(0, read));
            _events.End();
        }
        catch (Exception failure)
        {
            _events.BreakOff();
            if (ContentCodings.IsDefect(failure, text)) Missed.Add(MissReason.Undecodable, Passage);
        }
    }
}
