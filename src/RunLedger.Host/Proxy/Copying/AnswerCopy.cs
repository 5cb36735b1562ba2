namespace RunLedger.Host.Proxy.Copying;

/// <summary>A copy of an answer, made while it passes. Whatever fails in it, the answer passes.</summary>
/// <param name="passage">The request that is answered.</param>
/// <param name="missed">Is told where the copy fails.</param>
internal abstract class AnswerCopy(Passage passage, UnobservedTraffic missed)
{
    private bool _hasEnded;

    protected Passage Passage => passage;

    protected UnobservedTraffic Missed => missed;

    /// <summary>Adds what has passed.</summary>
    public void Add(ReadOnlySpan<byte> text)
    {
        try
        {
            if (!_hasEnded) Take(text);
        }
        catch (Exception failure)
        {
            GiveUp(MissReason.NotRecorded, failure);
        }
    }

    /// <summary>Takes note that the answer has passed whole.</summary>
    public void End()
    {
        if (_hasEnded) return;
        try
        {
            TakeEnd();
            _hasEnded = true;
        }
        catch (Exception failure)
        {
            GiveUp(MissReason.NotRecorded, failure);
        }
    }

    /// <summary>Takes note that no more of it comes, although it is not whole.</summary>
    public void BreakOff()
    {
        if (_hasEnded) return;
        _hasEnded = true;
        Release(isCounted: false);
    }

    /// <summary>Ends the copy before its answer, and counts it.</summary>
    protected void GiveUp(MissReason reason, Exception? cause = null)
    {
        if (_hasEnded) return;
        _hasEnded = true;
        missed.Add(reason, passage, cause: cause);
        Release(isCounted: true);
    }

    protected abstract void Take(ReadOnlySpan<byte> text);

    protected abstract void TakeEnd();

    /// <summary>Gives back what a copy takes that has no end.</summary>
    /// <param name="isCounted">Whether it has been counted that there is none.</param>
    protected abstract void Release(bool isCounted);
}

/// <summary>A copy of a JSON answer, which shows something once it is whole.</summary>
internal sealed class WholeAnswer(
    Passage passage, DateTimeOffset at, BodyCopy? request, int status, string contentType, BodyCopy body, RecordTraffic recorder, UnobservedTraffic missed)
    : AnswerCopy(passage, missed)
{
    protected override void Take(ReadOnlySpan<byte> text)
    {
        body.Add(text);
        if (body.Missed is { } reason) GiveUp(reason);
    }

    protected override void TakeEnd()
    {
        body.End();
        recorder.TryAdd(new PassedAnswer(Passage, at, request, status, contentType, body));
    }

    protected override void Release(bool isCounted)
    {
        if (!isCounted) Missed.Add(MissReason.BrokenOff, Passage);
        request?.Dispose();
        body.Dispose();
    }
}
