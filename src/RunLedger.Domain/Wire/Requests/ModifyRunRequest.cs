using System.Text.Json;
using System.Text.Json.Serialization;

namespace RunLedger.Domain.Wire;

/// <summary>The body of a request that modifies a run.</summary>
/// <remarks>Source: Assistants API reference, "Modify run".</remarks>
public sealed record ModifyRunRequest : WireObject
{
    /// <summary>The pairs to attach to the run, up to 16; null to leave them as they are.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, JsonElement>? Metadata { get; init; }
}
