using System.Text.Json.Serialization;

namespace RunLedger.Domain.Wire;

/// <summary>Where a response stands in its life cycle.</summary>
/// <remarks>Source: Responses API reference, "The response object", field <c>status</c>.</remarks>
[JsonConverter(typeof(WireNameConverter<ResponseStatus>))]
public readonly record struct ResponseStatus : IWireName<ResponseStatus>
{
    private readonly string? value;

    /// <summary>Takes a name as it stands on the wire, known or not.</summary>
    /// <param name="value">The name.</param>
    public ResponseStatus(string value) => this.value = string.IsNullOrEmpty(value) ? null : value;

    /// <summary><c>queued</c>: A background response that waits.</summary>
    public static ResponseStatus Queued { get; } = new("queued");

    /// <summary><c>in_progress</c>: The model works.</summary>
    public static ResponseStatus InProgress { get; } = new("in_progress");

    /// <summary><c>completed</c>: Done. Terminal.</summary>
    public static ResponseStatus Completed { get; } = new("completed");

    /// <summary><c>incomplete</c>: Ended early, see <see cref="ResponseObject.IncompleteDetails"/>. Terminal.</summary>
    public static ResponseStatus Incomplete { get; } = new("incomplete");

    /// <summary><c>failed</c>: Failed, see <see cref="ResponseObject.Error"/>. Terminal.</summary>
    public static ResponseStatus Failed { get; } = new("failed");

    /// <summary><c>cancelled</c>: Cancelled. Terminal.</summary>
    public static ResponseStatus Cancelled { get; } = new("cancelled");

    /// <inheritdoc/>
    public string Value => value ?? string.Empty;

    /// <inheritdoc/>
    public bool IsKnown => value is "queued" or "in_progress" or "completed" or "incomplete" or "failed" or "cancelled";

    /// <summary>
    /// Whether the response has come to its end and will not change its status again. A status that is not known here is taken as not
    /// terminal.
    /// </summary>
    public bool IsTerminal => value is "completed" or "incomplete" or "failed" or "cancelled";

    /// <inheritdoc/>
    public static ResponseStatus From(string value) => new(value);

    /// <summary>The name as it stands on the wire.</summary>
    public override string ToString() => Value;
}
