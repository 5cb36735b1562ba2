using System.Text.Json.Serialization;

namespace RunLedger.Domain.Wire;

/// <summary>A page of a thread's runs.</summary>
/// <remarks>Source: Assistants API reference, "List runs".</remarks>
public sealed record ListRunsResponse : WireObject, IJsonOnDeserialized
{
    /// <summary>The type of object, always <c>list</c>.</summary>
    public required string Object { get; init; }

    /// <summary>The runs of the page, in the order that was asked for.</summary>
    public required IReadOnlyList<RunObject> Data { get; init; }

    /// <summary>The identifier of the first run; null on an empty page.</summary>
    public string? FirstId { get; init; }

    /// <summary>The identifier of the last run, from which the next page goes on; null on an empty page.</summary>
    public string? LastId { get; init; }

    /// <summary>Whether there are more runs after this page.</summary>
    public required bool HasMore { get; init; }

    void IJsonOnDeserialized.OnDeserialized() => WireConverting.RejectNulls(Data, "data");
}
