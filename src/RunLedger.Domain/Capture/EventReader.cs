using System.Text.Unicode;
using RunLedger.Domain.Observations;

namespace RunLedger.Domain.Capture;

/// <summary>Reads the events of one stream, one after another: those of a recorded stream, and those of one that is still open.</summary>
/// <param name="request">The request that the stream answers. It is what the first snapshot answers; the later ones show what came of it.</param>
public sealed class EventReader(CapturedRequest? request)
{
    private CapturedRequest? _request = request;

    /// <summary>Whether an event is one that <see cref="Read"/> makes something of, found out as cheaply as can be: most are deltas.</summary>
    /// <param name="data">The event's data.</param>
    public static bool Shows(ReadOnlyMemory<byte> data) => !Utf8.IsValid(data.Span) || ExchangeReader.FindSnapshot(ref data) is not null || !data.IsEmpty;

    /// <summary>What an event shows; null if that is no snapshot, and nothing that might have been one.</summary>
    /// <param name="data">The event's data, which the snapshot keeps.</param>
    /// <param name="at">Where the event stands, for messages.</param>
    /// <param name="options">What to assume.</param>
    public CapturedItem? Read(ReadOnlyMemory<byte> data, ItemPointer at, CaptureOptions options)
    {
        var item = Utf8.IsValid(data.Span) ? ExchangeReader.ReadEvent(data, at, options) : ObservationReader.NoText(data, at);
        if (item is not Observed observed) return item;
        var answered = observed with { Observation = observed.Observation with { Request = _request } };
        _request = null;
        return answered;
    }
}
