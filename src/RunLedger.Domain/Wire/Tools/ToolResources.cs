using System.Text.Json.Serialization;

namespace RunLedger.Domain.Wire;

/// <summary>What the tools of a run have at hand.</summary>
/// <remarks>Source: Assistants API reference, "The assistant object", field <c>tool_resources</c>; runs carry it too.</remarks>
public sealed record ToolResources : WireObject
{
    /// <summary>What the code interpreter has.</summary>
    [JsonConverter(typeof(OptionalConverter<CodeInterpreterResources?>))]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public Optional<CodeInterpreterResources?> CodeInterpreter { get; init; }

    /// <summary>What the file search has.</summary>
    [JsonConverter(typeof(OptionalConverter<FileSearchResources?>))]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public Optional<FileSearchResources?> FileSearch { get; init; }
}

/// <summary>What the code interpreter has at hand.</summary>
public sealed record CodeInterpreterResources : WireObject
{
    /// <summary>The files, by identifier.</summary>
    [JsonConverter(typeof(OptionalConverter<IReadOnlyList<string>?>))]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public Optional<IReadOnlyList<string>?> FileIds { get; init; }
}

/// <summary>What the file search has at hand.</summary>
public sealed record FileSearchResources : WireObject
{
    /// <summary>The vector stores, by identifier.</summary>
    [JsonConverter(typeof(OptionalConverter<IReadOnlyList<string>?>))]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public Optional<IReadOnlyList<string>?> VectorStoreIds { get; init; }
}
