using System.Text.Json;
using System.Text.Json.Serialization;

namespace RunLedger.Domain.Wire;

/// <summary>What every JSON object of the API has in common: it may carry fields that no type here names, and they are kept.</summary>
/// <remarks>
/// Records compare their lists and JSON values by reference. Two readings of the same document are equal as JSON, not necessarily
/// by <c>==</c>; compare what <see cref="WireJson"/> writes.
/// </remarks>
public abstract record WireObject
{
    private protected WireObject()
    {
    }

    /// <summary>
    /// The fields of the object that its type does not declare, by their names on the wire; null when there were none.
    /// They are written back after the declared ones.
    /// </summary>
    // Not init-only: the serializer fills extension data after construction and refuses it as an initialiser.
    [JsonInclude, JsonExtensionData]
    public IDictionary<string, JsonElement>? UnknownFields { get; internal set; }
}
