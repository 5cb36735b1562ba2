namespace RunLedger.Simulator.Faults;

/// <summary>
/// How likely each fault is, per request, from 0 to 1. At most one fault befalls a request, so the sum is at most 1.
/// </summary>
public sealed record FaultOptions
{
    /// <summary>No faults at all.</summary>
    public static FaultOptions None { get; } = new();

    /// <summary>Answered 429 with a <c>Retry-After</c> of <see cref="RetryAfter"/>; nothing was done.</summary>
    public double RateLimited { get; init; }

    /// <summary>Answered 500; nothing was done.</summary>
    public double ServerError { get; init; }

    /// <summary>Not answered at all until the client gives up; nothing was done.</summary>
    public double Hang { get; init; }

    /// <summary>The connection is dropped before the request is carried out.</summary>
    public double DroppedRequest { get; init; }

    /// <summary>
    /// The connection is dropped after the request was carried out: the client cannot know that it was.
    /// </summary>
    public double DroppedResponse { get; init; }

    /// <summary>What a 429 asks the client to wait, sent in whole seconds, rounded up.</summary>
    public TimeSpan RetryAfter { get; init; } = TimeSpan.FromSeconds(1);

    private double Total => RateLimited + ServerError + Hang + DroppedRequest + DroppedResponse;

    /// <summary>The fault that this request meets, if any.</summary>
    internal Fault Draw(SeededRandom random)
    {
        var drawn = random.Fraction();
        return (drawn -= RateLimited) < 0 ? Fault.RateLimited
            : (drawn -= ServerError) < 0 ? Fault.ServerError
            : (drawn -= Hang) < 0 ? Fault.Hang
            : (drawn -= DroppedRequest) < 0 ? Fault.DroppedRequest
            : drawn - DroppedResponse < 0 ? Fault.DroppedResponse
            : Fault.None;
    }

    /// <exception cref="ArgumentException">A probability is out of its range, or their sum is above 1.</exception>
    internal void Validate()
    {
        double[] all = [RateLimited, ServerError, Hang, DroppedRequest, DroppedResponse];
        if (all.Any(p => !(p >= 0)) || Total > 1.0000001)
        {
            throw new ArgumentException("Fault probabilities must be from 0 to 1 and add up to 1 at most.");
        }

        if (RetryAfter < TimeSpan.Zero)
        {
            throw new ArgumentException($"RetryAfter is {RetryAfter}; it must not be negative.");
        }
    }
}

/// <summary>What befalls a request.</summary>
internal enum Fault
{
    None,
    RateLimited,
    ServerError,
    Hang,
    DroppedRequest,
    DroppedResponse,
}
