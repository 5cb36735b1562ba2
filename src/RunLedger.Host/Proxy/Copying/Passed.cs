using RunLedger.Domain.Capture;
using RunLedger.Domain.Observations;
using RunLedger.Host.Polling;

namespace RunLedger.Host.Proxy.Copying;

/// <summary>Something that passed and is to be observed: a <see cref="PassedAnswer"/> or a <see cref="PassedEvent"/>. It takes room until it is disposed.</summary>
/// <param name="passage">The request that it belongs to.</param>
/// <param name="at">When it came.</param>
internal abstract class Passed(Passage passage, DateTimeOffset at) : IDisposable
{
    /// <summary>The source of observations of what passed.</summary>
    public const string Source = "proxy";

    private IReadOnlyList<CapturedItem>? _items;

    /// <summary>The request that it belongs to.</summary>
    public Passage Passage => passage;

    /// <summary>How much memory it takes once it is read, in bytes.</summary>
    public int Size { get; protected set; }

    /// <summary>What it shows, read once.</summary>
    /// <param name="recent">The snapshots read last.</param>
    /// <param name="missed">Is told what cannot be read.</param>
    public IReadOnlyList<CapturedItem> Items(RecentSnapshots recent, UnobservedTraffic missed) => _items ??= Read(missed, new CaptureOptions(Source)
    {
        ObservedAt = at,
        IsStated = true,
        Recent = recent,
        CorrelationId = passage.CorrelationId,
    });

    public abstract void Dispose();

    protected abstract IReadOnlyList<CapturedItem> Read(UnobservedTraffic missed, CaptureOptions options);

    /// <summary>The exchange that passed, as a recording would have it.</summary>
    /// <param name="request">The copy of the request's body; null if there is none.</param>
    /// <param name="missed">Is told of a request that cannot be read.</param>
    /// <param name="status">The answer's status.</param>
    /// <param name="contentType">Its media type.</param>
    /// <param name="body">Its body.</param>
    protected Exchange Exchange(BodyCopy? request, UnobservedTraffic missed, int status, string contentType, ReadOnlyMemory<byte> body)
    {
        var sent = ReadOnlyMemory<byte>.Empty;
        if (request?.Read(out sent) is { } reason) missed.Add(reason, passage);
        return new Exchange(passage.Method, passage.Path, sent.IsEmpty ? null : JsonBody.Read(sent), status, contentType, body);
    }
}

/// <summary>An answer that passed whole.</summary>
internal sealed class PassedAnswer(Passage passage, DateTimeOffset at, BodyCopy? request, int status, string contentType, BodyCopy body) : Passed(passage, at)
{
    public override void Dispose()
    {
        request?.Dispose();
        body.Dispose();
    }

    protected override IReadOnlyList<CapturedItem> Read(UnobservedTraffic missed, CaptureOptions options)
    {
        var reason = body.Read(out var answered);
        Size = answered.Length;
        if (reason is null)
            return ObservationReader.ReadExchange(Exchange(request, missed, status, contentType, answered), new ItemPointer(1, 1), options);
        missed.Add(reason.Value, Passage);
        return [];
    }
}

/// <summary>An event of a stream that may still be open.</summary>
internal sealed class PassedEvent(PassingStream stream, ReadOnlyMemory<byte> data, int number, DateTimeOffset at, CopyRoom room) : Passed(stream.Passage, at)
{
    public override void Dispose() => room.GiveBack(data.Length);

    protected override IReadOnlyList<CapturedItem> Read(UnobservedTraffic missed, CaptureOptions options)
    {
        Size = data.Length;
        stream.Reader ??= new EventReader(Exchange(stream.Request, missed, StatusCodes.Status200OK, MediaTypes.EventStream, default).CapturedRequest);
        stream.Request?.Dispose();
        return stream.Reader.Read(data, new ItemPointer(1, 1, Part: $"event {number}"), options) is { } item ? [item] : [];
    }
}

/// <summary>A stream of events that passes.</summary>
/// <param name="Passage">The request that it answers.</param>
/// <param name="Request">The copy of that request's body; null if there is none.</param>
internal sealed record PassingStream(Passage Passage, BodyCopy? Request)
{
    /// <summary>Reads the stream's events, one after another; null before the first.</summary>
    public EventReader? Reader { get; set; }
}
