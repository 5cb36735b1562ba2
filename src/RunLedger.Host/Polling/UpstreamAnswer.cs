namespace RunLedger.Host.Polling;

/// <summary>What became of a request to an upstream.</summary>
public abstract record UpstreamAnswer
{
    private UpstreamAnswer()
    {
    }

    /// <summary>It was answered.</summary>
    /// <param name="Body">The exact bytes of the body.</param>
    /// <param name="ReceivedAt">
    /// When the answer's headers arrived, UTC. Of the moments that a client knows this is the nearest after the one in which the service read
    /// the run: before it lie connecting, queueing and a busy service, which can take seconds, behind it only the network. And it is never
    /// before a timestamp in the snapshot, as the moment of sending would often be.
    /// </param>
    public sealed record Success(ReadOnlyMemory<byte> Body, DateTimeOffset ReceivedAt) : UpstreamAnswer;

    /// <summary>
    /// The API says that there is no such thing: 404 with a JSON object. Other 404s are of something that stands in the API's place.
    /// </summary>
    public sealed record NotFound : UpstreamAnswer;

    /// <summary>It was refused for now: 429.</summary>
    /// <param name="RetryAfter">How long the service asks to wait; null if it does not say.</param>
    public sealed record RateLimited(TimeSpan? RetryAfter) : UpstreamAnswer;

    /// <summary>It was not answered, or in a way that tells nothing of the run.</summary>
    /// <param name="Reason">Why, e.g. <c>no answer within 00:00:10</c>.</param>
    /// <param name="RetryAfter">How long the service asks to wait; null if it does not say.</param>
    public sealed record Failure(string Reason, TimeSpan? RetryAfter) : UpstreamAnswer;
}
