using RunLedger.Domain.Capture;

namespace RunLedger.Host.Proxy.Copying;

/// <summary>Makes copies of what may show runs: answers in JSON or as event streams, and the requests that change a run.</summary>
internal sealed class TrafficCopies(ProxyOptions options, CopyRoom room, RecordTraffic recorder, UnobservedTraffic missed, TimeProvider clock)
{
    /// <summary>Begins with a request; the copy of its body, if there is to be one, is made while it passes.</summary>
    public PassingExchange Begin(Passage passage, HttpRequest request) =>
        new(this, passage, MayShow(passage, request) ? CopyOf(request.Headers.ContentEncoding.ToString()) : null);

    /// <summary>Begins with an answer; null if it shows nothing.</summary>
    /// <param name="exchange">The exchange; the copy of its request is the answer's from here on, if there is one.</param>
    /// <param name="answer">The answer, of which the headers are there.</param>
    /// <param name="at">When they came.</param>
    internal AnswerCopy? CopyOf(PassingExchange exchange, HttpResponseMessage answer, DateTimeOffset at)
    {
        if (!answer.IsSuccessStatusCode || HttpMethods.IsHead(exchange.Passage.Method)) return null;
        var (type, coding) = (answer.Content.Headers.ContentType?.ToString(), string.Join(", ", answer.Content.Headers.ContentEncoding));
        if (MediaTypes.Is(MediaTypes.EventStream, type)) return CopyOfEvents(new PassingStream(exchange.Passage, exchange.Request), coding);
        if (!MediaTypes.Is(MediaTypes.Json, type)) return null;
        if (answer.Content.Headers.ContentLength > options.LargestCopy)
        {
            missed.Add(MissReason.TooLarge, exchange.Passage);
            return null;
        }
        return new WholeAnswer(exchange.Passage, at, exchange.Request, (int)answer.StatusCode, type!, CopyOf(coding), recorder, missed);
    }

    private static bool MayShow(Passage passage, HttpRequest request) =>
        Exchange.KindOfRequest(passage.Method, passage.Path) is not null && MediaTypes.Is(MediaTypes.Json, request.ContentType);

    private AnswerCopy CopyOfEvents(PassingStream stream, string coding)
    {
        var events = new StreamedAnswer(stream, options.LargestCopy, room, recorder, missed, clock);
        return coding is "" or "identity" ? events : new UnpackedAnswer(events, coding, stream.Passage, missed);
    }

    private BodyCopy CopyOf(string coding) => new(coding, options.LargestCopy, room);
}

/// <summary>An exchange that passes, with the copy of its request.</summary>
internal sealed class PassingExchange(TrafficCopies copies, Passage passage, BodyCopy? request) : IDisposable
{
    private bool _isHandedOn;

    /// <summary>The request.</summary>
    public Passage Passage => passage;

    /// <summary>The copy of the request's body; null if it shows nothing.</summary>
    public BodyCopy? Request => request;

    /// <summary>Begins the copy of the answer; null if it shows nothing.</summary>
    public AnswerCopy? Answered(HttpResponseMessage answer, DateTimeOffset at)
    {
        var copy = copies.CopyOf(this, answer, at);
        _isHandedOn = copy is not null;
        return copy;
    }

    public void Dispose()
    {
        if (!_isHandedOn) request?.Dispose();
    }
}
