using System.Text.Json.Serialization;

namespace RunLedger.Domain.Wire;

/// <summary>Why the model failed to give a response.</summary>
/// <remarks>Source: Responses API reference, "The response object", field <c>error</c>.</remarks>
public sealed record ResponseError : WireObject
{
    /// <summary>The kind of error.</summary>
    public required ResponseErrorCode Code { get; init; }

    /// <summary>The error in words.</summary>
    public required string Message { get; init; }
}

/// <summary>The kind of error that a response met. The reference lists many about images; the general ones are known here.</summary>
/// <remarks>Source: Responses API reference, "The response object", field <c>error.code</c>.</remarks>
[JsonConverter(typeof(WireNameConverter<ResponseErrorCode>))]
public readonly record struct ResponseErrorCode : IWireName<ResponseErrorCode>
{
    private readonly string? value;

    /// <summary>Takes a name as it stands on the wire, known or not.</summary>
    /// <param name="value">The name.</param>
    public ResponseErrorCode(string value) => this.value = string.IsNullOrEmpty(value) ? null : value;

    /// <summary><c>server_error</c>: The service failed.</summary>
    public static ResponseErrorCode ServerError { get; } = new("server_error");

    /// <summary><c>rate_limit_exceeded</c>: A rate limit or the quota was exceeded.</summary>
    public static ResponseErrorCode RateLimitExceeded { get; } = new("rate_limit_exceeded");

    /// <summary><c>invalid_prompt</c>: The prompt was refused.</summary>
    public static ResponseErrorCode InvalidPrompt { get; } = new("invalid_prompt");

    /// <inheritdoc/>
    public string Value => value ?? string.Empty;

    /// <inheritdoc/>
    public bool IsKnown => value is "server_error" or "rate_limit_exceeded" or "invalid_prompt";

    /// <inheritdoc/>
    public static ResponseErrorCode From(string value) => new(value);

    /// <summary>The name as it stands on the wire.</summary>
    public override string ToString() => Value;
}
