using System.Text.Json.Serialization;

namespace RunLedger.Domain.Wire;

/// <summary>The last error of a run.</summary>
/// <remarks>Source: Assistants API reference, "The run object", field <c>last_error</c>.</remarks>
public sealed record LastError : WireObject
{
    /// <summary>The kind of error.</summary>
    public required LastErrorCode Code { get; init; }

    /// <summary>The error in words.</summary>
    public required string Message { get; init; }
}

/// <summary>The kind of error that a run met.</summary>
/// <remarks>Source: Assistants API reference, "The run object", field <c>last_error.code</c>.</remarks>
[JsonConverter(typeof(WireNameConverter<LastErrorCode>))]
public readonly record struct LastErrorCode : IWireName<LastErrorCode>
{
    private readonly string? value;

    /// <summary>Takes a name as it stands on the wire, known or not.</summary>
    /// <param name="value">The name.</param>
    public LastErrorCode(string value) => this.value = string.IsNullOrEmpty(value) ? null : value;

    /// <summary><c>server_error</c>: The service failed.</summary>
    public static LastErrorCode ServerError { get; } = new("server_error");

    /// <summary><c>rate_limit_exceeded</c>: A rate limit or the quota was exceeded.</summary>
    public static LastErrorCode RateLimitExceeded { get; } = new("rate_limit_exceeded");

    /// <summary><c>invalid_prompt</c>: The prompt was refused.</summary>
    public static LastErrorCode InvalidPrompt { get; } = new("invalid_prompt");

    /// <inheritdoc/>
    public string Value => value ?? string.Empty;

    /// <inheritdoc/>
    public bool IsKnown => value is "server_error" or "rate_limit_exceeded" or "invalid_prompt";

    /// <inheritdoc/>
    public static LastErrorCode From(string value) => new(value);

    /// <summary>The name as it stands on the wire.</summary>
    public override string ToString() => Value;
}
