using System.Text.Json.Serialization;

namespace RunLedger.Domain.Wire;

/// <summary>Where a run stands in its life cycle.</summary>
/// <remarks>Source: Assistants API reference, "The run object", field <c>status</c>.</remarks>
[JsonConverter(typeof(WireNameConverter<RunStatus>))]
public readonly record struct RunStatus : IWireName<RunStatus>
{
    private readonly string? value;

    /// <summary>Takes a name as it stands on the wire, known or not.</summary>
    /// <param name="value">The name.</param>
    public RunStatus(string value) => this.value = string.IsNullOrEmpty(value) ? null : value;

    /// <summary><c>queued</c>: Created, or back in the queue after tool outputs were submitted.</summary>
    public static RunStatus Queued { get; } = new("queued");

    /// <summary><c>in_progress</c>: The model works.</summary>
    public static RunStatus InProgress { get; } = new("in_progress");

    /// <summary><c>requires_action</c>: Waits for tool outputs.</summary>
    public static RunStatus RequiresAction { get; } = new("requires_action");

    /// <summary><c>cancelling</c>: Cancellation was asked for.</summary>
    public static RunStatus Cancelling { get; } = new("cancelling");

    /// <summary><c>cancelled</c>: Cancelled. Terminal.</summary>
    public static RunStatus Cancelled { get; } = new("cancelled");

    /// <summary><c>failed</c>: Failed, see <see cref="RunObject.LastError"/>. Terminal.</summary>
    public static RunStatus Failed { get; } = new("failed");

    /// <summary><c>completed</c>: Done. Terminal.</summary>
    public static RunStatus Completed { get; } = new("completed");

    /// <summary><c>incomplete</c>: Ended at a token limit, see <see cref="RunObject.IncompleteDetails"/>. Terminal.</summary>
    public static RunStatus Incomplete { get; } = new("incomplete");

    /// <summary><c>expired</c>: Not finished before <see cref="RunObject.ExpiresAt"/>. Terminal.</summary>
    public static RunStatus Expired { get; } = new("expired");

    /// <inheritdoc/>
    public string Value => value ?? string.Empty;

    /// <inheritdoc/>
    public bool IsKnown => value is
        "queued" or "in_progress" or "requires_action" or "cancelling" or "cancelled" or "failed" or "completed"
        or "incomplete" or "expired";

    /// <summary>
    /// Whether the run has come to its end and will not change its status again. A status that is not known here is taken as not
    /// terminal: the run is watched on.
    /// </summary>
    public bool IsTerminal => value is "cancelled" or "failed" or "completed" or "incomplete" or "expired";

    /// <inheritdoc/>
    public static RunStatus From(string value) => new(value);

    /// <summary>The name as it stands on the wire.</summary>
    public override string ToString() => Value;
}
