using System.Text.Json.Serialization;

namespace RunLedger.Domain.Wire;

/// <summary>The tokens that a run has used. All counts are tokens.</summary>
/// <remarks>Source: Assistants API reference, "The run object", field <c>usage</c>; the details as the API sends them.</remarks>
public sealed record RunCompletionUsage : WireObject
{
    /// <summary>The tokens that the model wrote over the whole run, reasoning included.</summary>
    public required long CompletionTokens { get; init; }

    /// <summary>The tokens that the model read over the whole run, cached ones included.</summary>
    public required long PromptTokens { get; init; }

    /// <summary>Prompt and completion tokens together, as the API states it.</summary>
    public required long TotalTokens { get; init; }

    /// <summary>The details of the prompt under <c>prompt_token_details</c>, the Assistants API's spelling.</summary>
    [JsonConverter(typeof(OptionalConverter<PromptTokenDetails?>))]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public Optional<PromptTokenDetails?> PromptTokenDetails { get; init; }

    /// <summary>
    /// The details of the prompt under <c>prompt_tokens_details</c>, the spelling of Chat Completions and of compatible services.
    /// </summary>
    [JsonConverter(typeof(OptionalConverter<PromptTokenDetails?>))]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public Optional<PromptTokenDetails?> PromptTokensDetails { get; init; }

    /// <summary>The details of the completion.</summary>
    [JsonConverter(typeof(OptionalConverter<CompletionTokensDetails?>))]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public Optional<CompletionTokensDetails?> CompletionTokensDetails { get; init; }

    /// <summary>The prompt tokens that came from the cache, in either spelling; null where the service does not say.</summary>
    [JsonIgnore]
    public long? CachedTokens => PromptTokenDetails.Value?.CachedTokens ?? PromptTokensDetails.Value?.CachedTokens;

    /// <summary>The completion tokens that were spent on reasoning; null where the service does not say.</summary>
    [JsonIgnore]
    public long? ReasoningTokens => CompletionTokensDetails.Value?.ReasoningTokens;
}

/// <summary>What the prompt tokens of a run consist of.</summary>
/// <remarks>Source: the API's traffic, field <c>usage.prompt_token_details</c>.</remarks>
public sealed record PromptTokenDetails : WireObject
{
    /// <summary>The prompt tokens that came from the cache; they are among the prompt tokens.</summary>
    public long? CachedTokens { get; init; }
}

/// <summary>What the completion tokens of a run consist of.</summary>
/// <remarks>Source: the API's traffic, field <c>usage.completion_tokens_details</c>.</remarks>
public sealed record CompletionTokensDetails : WireObject
{
    /// <summary>The tokens spent on reasoning; they are among the completion tokens.</summary>
    public long? ReasoningTokens { get; init; }
}
