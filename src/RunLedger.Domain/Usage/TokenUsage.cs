using RunLedger.Domain.Json;

namespace RunLedger.Domain.Usage;

/// <summary>The tokens that a run used: RunCompletionUsage with its details, or the usage of a response under the same names.</summary>
/// <param name="Prompt">Input tokens, cached ones included.</param>
/// <param name="Completion">Output tokens, reasoning included.</param>
/// <param name="Total">The total as the API states it; the sum of both where it states none.</param>
/// <param name="Cached">Input tokens that were read from a cache.</param>
/// <param name="Reasoning">Output tokens that were spent on reasoning.</param>
public readonly record struct TokenUsage(long Prompt, long Completion, long Total, long Cached, long Reasoning)
{
    /// <summary>Reads a <c>usage</c> field of either API; null if there is none.</summary>
    public static TokenUsage? Read(JsonText? usage)
    {
        if (usage is not { Kind: System.Text.Json.JsonValueKind.Object } stated) return null;
        var prompt = Count(Prompts(stated));
        var completion = Count(Completions(stated));
        var promptDetails = Stated(stated, "prompt_token_details"u8) ?? Stated(stated, "prompt_tokens_details"u8) ?? Stated(stated, "input_tokens_details"u8);
        var completionDetails = Stated(stated, "completion_tokens_details"u8) ?? Stated(stated, "output_tokens_details"u8);
        return new TokenUsage(
            prompt,
            completion,
            stated.Property("total_tokens"u8)?.AsInt64() ?? prompt + completion,
            Count(promptDetails?.Property("cached_tokens"u8)),
            Count(completionDetails?.Property("reasoning_tokens"u8)));
    }

    /// <summary>Adds each count.</summary>
    public static TokenUsage operator +(TokenUsage x, TokenUsage y) =>
        new(x.Prompt + y.Prompt, x.Completion + y.Completion, x.Total + y.Total, x.Cached + y.Cached, x.Reasoning + y.Reasoning);

    /// <summary>Subtracts each count.</summary>
    public static TokenUsage operator -(TokenUsage x, TokenUsage y) =>
        new(x.Prompt - y.Prompt, x.Completion - y.Completion, x.Total - y.Total, x.Cached - y.Cached, x.Reasoning - y.Reasoning);

    /// <summary>The sum of two usages.</summary>
    public static TokenUsage Add(TokenUsage left, TokenUsage right) => left + right;

    /// <summary>The difference of two usages.</summary>
    public static TokenUsage Subtract(TokenUsage left, TokenUsage right) => left - right;

    /// <summary>Whether a <c>usage</c> field states the total and both of its parts, so that one can be checked against the other.</summary>
    internal static bool StatesSum(JsonText? usage) =>
        usage is { } stated && Prompts(stated) is not null && Completions(stated) is not null && Stated(stated, "total_tokens"u8) is not null;

    /// <summary>The input tokens that a <c>usage</c> field states, cached ones included; null if it states none.</summary>
    internal static JsonText? Prompts(JsonText usage) => Stated(usage, "prompt_tokens"u8) ?? Stated(usage, "input_tokens"u8);

    /// <summary>The output tokens that a <c>usage</c> field states, reasoning included; null if it states none.</summary>
    internal static JsonText? Completions(JsonText usage) => Stated(usage, "completion_tokens"u8) ?? Stated(usage, "output_tokens"u8);

    private static JsonText? Stated(JsonText usage, ReadOnlySpan<byte> name) => usage.Property(name) is { IsNull: false } stated ? stated : null;

    private static long Count(JsonText? value) => value?.AsInt64() ?? 0;
}
