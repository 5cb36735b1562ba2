using System.Text.Json.Serialization;

namespace RunLedger.Domain.Wire;

/// <summary>Why a run is incomplete.</summary>
/// <remarks>Source: Assistants API reference, "The run object", field <c>incomplete_details</c>.</remarks>
public sealed record RunObjectIncompleteDetails : WireObject
{
    /// <summary>Which token limit was reached; null where the service does not say.</summary>
    public RunObjectIncompleteDetailsReason? Reason { get; init; }
}

/// <summary>The token limit at which a run ended.</summary>
/// <remarks>Source: Assistants API reference, "The run object", field <c>incomplete_details.reason</c>.</remarks>
[JsonConverter(typeof(WireNameConverter<RunObjectIncompleteDetailsReason>))]
public readonly record struct RunObjectIncompleteDetailsReason : IWireName<RunObjectIncompleteDetailsReason>
{
    private readonly string? value;

    /// <summary>Takes a name as it stands on the wire, known or not.</summary>
    /// <param name="value">The name.</param>
    public RunObjectIncompleteDetailsReason(string value) => this.value = string.IsNullOrEmpty(value) ? null : value;

    /// <summary><c>max_completion_tokens</c>: The limit on completion tokens.</summary>
    public static RunObjectIncompleteDetailsReason MaxCompletionTokens { get; } = new("max_completion_tokens");

    /// <summary><c>max_prompt_tokens</c>: The limit on prompt tokens.</summary>
    public static RunObjectIncompleteDetailsReason MaxPromptTokens { get; } = new("max_prompt_tokens");

    /// <inheritdoc/>
    public string Value => value ?? string.Empty;

    /// <inheritdoc/>
    public bool IsKnown => value is "max_completion_tokens" or "max_prompt_tokens";

    /// <inheritdoc/>
    public static RunObjectIncompleteDetailsReason From(string value) => new(value);

    /// <summary>The name as it stands on the wire.</summary>
    public override string ToString() => Value;
}
