using System.Text.Json.Serialization;

namespace RunLedger.Domain.Wire;

/// <summary>How a thread is shortened before the run, to fit the model's context.</summary>
/// <remarks>Source: Assistants API reference, "The run object", field <c>truncation_strategy</c>.</remarks>
public sealed record TruncationObject : WireObject
{
    /// <summary>The strategy.</summary>
    public required TruncationObjectType Type { get; init; }

    /// <summary>
    /// How many of the most recent messages make up the run's context, with <see cref="TruncationObjectType.LastMessages"/>.
    /// </summary>
    [JsonConverter(typeof(OptionalConverter<long?>))]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public Optional<long?> LastMessages { get; init; }
}

/// <summary>A strategy of truncation.</summary>
/// <remarks>Source: Assistants API reference, "The run object", field <c>truncation_strategy.type</c>.</remarks>
[JsonConverter(typeof(WireNameConverter<TruncationObjectType>))]
public readonly record struct TruncationObjectType : IWireName<TruncationObjectType>
{
    private readonly string? value;

    /// <summary>Takes a name as it stands on the wire, known or not.</summary>
    /// <param name="value">The name.</param>
    public TruncationObjectType(string value) => this.value = string.IsNullOrEmpty(value) ? null : value;

    /// <summary><c>auto</c>: Messages in the middle are dropped to fit the context length. The API's default.</summary>
    public static TruncationObjectType Auto { get; } = new("auto");

    /// <summary><c>last_messages</c>: Only the most recent messages are kept.</summary>
    public static TruncationObjectType LastMessages { get; } = new("last_messages");

    /// <inheritdoc/>
    public string Value => value ?? string.Empty;

    /// <inheritdoc/>
    public bool IsKnown => value is "auto" or "last_messages";

    /// <inheritdoc/>
    public static TruncationObjectType From(string value) => new(value);

    /// <summary>The name as it stands on the wire.</summary>
    public override string ToString() => Value;
}
