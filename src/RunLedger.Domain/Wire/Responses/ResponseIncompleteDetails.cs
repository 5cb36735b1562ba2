using System.Text.Json.Serialization;

namespace RunLedger.Domain.Wire;

/// <summary>Why a response is incomplete.</summary>
/// <remarks>Source: Responses API reference, "The response object", field <c>incomplete_details</c>.</remarks>
public sealed record ResponseIncompleteDetails : WireObject
{
    /// <summary>What ended the response; null where the service does not say.</summary>
    public ResponseIncompleteReason? Reason { get; init; }
}

/// <summary>What ended a response early.</summary>
/// <remarks>Source: Responses API reference, "The response object", field <c>incomplete_details.reason</c>.</remarks>
[JsonConverter(typeof(WireNameConverter<ResponseIncompleteReason>))]
public readonly record struct ResponseIncompleteReason : IWireName<ResponseIncompleteReason>
{
    private readonly string? value;

    /// <summary>Takes a name as it stands on the wire, known or not.</summary>
    /// <param name="value">The name.</param>
    public ResponseIncompleteReason(string value) => this.value = string.IsNullOrEmpty(value) ? null : value;

    /// <summary><c>max_output_tokens</c>: The limit on output tokens.</summary>
    public static ResponseIncompleteReason MaxOutputTokens { get; } = new("max_output_tokens");

    /// <summary><c>content_filter</c>: The content filter.</summary>
    public static ResponseIncompleteReason ContentFilter { get; } = new("content_filter");

    /// <inheritdoc/>
    public string Value => value ?? string.Empty;

    /// <inheritdoc/>
    public bool IsKnown => value is "max_output_tokens" or "content_filter";

    /// <inheritdoc/>
    public static ResponseIncompleteReason From(string value) => new(value);

    /// <summary>The name as it stands on the wire.</summary>
    public override string ToString() => Value;
}
