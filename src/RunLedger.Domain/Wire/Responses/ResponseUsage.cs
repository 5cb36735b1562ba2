namespace RunLedger.Domain.Wire;

/// <summary>The tokens that a response has used. All counts are tokens.</summary>
/// <remarks>Source: Responses API reference, "The response object", field <c>usage</c>.</remarks>
public sealed record ResponseUsage : WireObject
{
    /// <summary>The tokens that the model read, cached ones included.</summary>
    public required long InputTokens { get; init; }

    /// <summary>What the input tokens consist of.</summary>
    public ResponseInputTokensDetails? InputTokensDetails { get; init; }

    /// <summary>The tokens that the model wrote, reasoning included.</summary>
    public required long OutputTokens { get; init; }

    /// <summary>What the output tokens consist of.</summary>
    public ResponseOutputTokensDetails? OutputTokensDetails { get; init; }

    /// <summary>Input and output tokens together, as the API states it.</summary>
    public required long TotalTokens { get; init; }
}

/// <summary>What the input tokens of a response consist of.</summary>
/// <remarks>Source: Responses API reference, "The response object", field <c>usage.input_tokens_details</c>.</remarks>
public sealed record ResponseInputTokensDetails : WireObject
{
    /// <summary>The input tokens that came from the cache; they are among the input tokens.</summary>
    public long? CachedTokens { get; init; }
}

/// <summary>What the output tokens of a response consist of.</summary>
/// <remarks>Source: Responses API reference, "The response object", field <c>usage.output_tokens_details</c>.</remarks>
public sealed record ResponseOutputTokensDetails : WireObject
{
    /// <summary>The tokens spent on reasoning; they are among the output tokens.</summary>
    public long? ReasoningTokens { get; init; }
}
