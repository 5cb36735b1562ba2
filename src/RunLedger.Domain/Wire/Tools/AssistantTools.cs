using System.Text.Json;
using System.Text.Json.Serialization;

namespace RunLedger.Domain.Wire;

/// <summary>
/// A tool of an assistant: <see cref="AssistantToolsCodeInterpreter"/>, <see cref="AssistantToolsFileSearch"/>,
/// <see cref="AssistantToolsFunction"/>, or <see cref="AssistantToolsUnknown"/> for any other.
/// </summary>
/// <remarks>Source: Assistants API reference, "The run object", field <c>tools</c>.</remarks>
[JsonConverter(typeof(AssistantToolsConverter))]
public abstract record AssistantTools : WireObject, IWireUnion
{
    private protected AssistantTools()
    {
    }

    /// <summary>The type of tool as it stands on the wire; empty where a tool that is not known here has none.</summary>
    public abstract string Type { get; }

    void IWireUnion.WriteTo(Utf8JsonWriter writer) => WriteTo(writer);

    private protected abstract void WriteTo(Utf8JsonWriter writer);
}

/// <summary>The tool that runs code.</summary>
public sealed record AssistantToolsCodeInterpreter : AssistantTools
{
    /// <summary>Always <c>code_interpreter</c>.</summary>
    [JsonPropertyOrder(-1)]
    public override string Type => "code_interpreter";

    private protected override void WriteTo(Utf8JsonWriter writer) =>
        JsonSerializer.Serialize(writer, this, WireJsonContext.Default.AssistantToolsCodeInterpreter);
}

/// <summary>The tool that searches files.</summary>
public sealed record AssistantToolsFileSearch : AssistantTools
{
    /// <summary>Always <c>file_search</c>.</summary>
    [JsonPropertyOrder(-1)]
    public override string Type => "file_search";

    /// <summary>How to search.</summary>
    [JsonConverter(typeof(OptionalConverter<FileSearchSettings?>))]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public Optional<FileSearchSettings?> FileSearch { get; init; }

    private protected override void WriteTo(Utf8JsonWriter writer) =>
        JsonSerializer.Serialize(writer, this, WireJsonContext.Default.AssistantToolsFileSearch);
}

/// <summary>A function that the caller of the API runs.</summary>
public sealed record AssistantToolsFunction : AssistantTools
{
    /// <summary>Always <c>function</c>.</summary>
    [JsonPropertyOrder(-1)]
    public override string Type => "function";

    /// <summary>What the model is told about the function.</summary>
    public required FunctionObject Function { get; init; }

    private protected override void WriteTo(Utf8JsonWriter writer) =>
        JsonSerializer.Serialize(writer, this, WireJsonContext.Default.AssistantToolsFunction);
}

/// <summary>A tool of a type that is not known here.</summary>
/// <param name="Raw">The tool as it was read; all its fields are here.</param>
public sealed record AssistantToolsUnknown(JsonElement Raw) : AssistantTools
{
    /// <inheritdoc/>
    public override string Type { get; } = WireConverting.TypeOf(Raw);

    private protected override void WriteTo(Utf8JsonWriter writer) => RawJsonConverter.WriteRaw(writer, Raw);
}

/// <summary>How the file search tool searches.</summary>
/// <remarks>Source: Assistants API reference, "Create run", field <c>tools.file_search</c>.</remarks>
public sealed record FileSearchSettings : WireObject
{
    /// <summary>The largest number of results, 1 to 50.</summary>
    [JsonConverter(typeof(OptionalConverter<long?>))]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public Optional<long?> MaxNumResults { get; init; }

    /// <summary>How results are ranked.</summary>
    [JsonConverter(typeof(OptionalConverter<FileSearchRankingOptions?>))]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public Optional<FileSearchRankingOptions?> RankingOptions { get; init; }
}

/// <summary>How results of a file search are ranked.</summary>
/// <remarks>Source: Assistants API reference, "Create run", field <c>tools.file_search.ranking_options</c>.</remarks>
public sealed record FileSearchRankingOptions : WireObject
{
    /// <summary>The ranker, <c>auto</c> or the name of a version.</summary>
    [JsonConverter(typeof(OptionalConverter<string?>))]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public Optional<string?> Ranker { get; init; }

    /// <summary>The score below which a result is left out, 0 to 1.</summary>
    [JsonConverter(typeof(OptionalConverter<double?>))]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public Optional<double?> ScoreThreshold { get; init; }
}

internal sealed class AssistantToolsConverter : WireUnionConverter<AssistantTools>
{
    // A list of tools has no place for "no tool": a null in it is kept as a tool that is not known.
    public override bool HandleNull => true;

    protected override AssistantTools? ReadKnown(ref Utf8JsonReader reader) => WireConverting.PeekType(reader) switch
    {
        "code_interpreter" => WireConverting.ReadInner(ref reader, WireJsonContext.Default.AssistantToolsCodeInterpreter),
        "file_search" => WireConverting.ReadInner(ref reader, WireJsonContext.Default.AssistantToolsFileSearch),
        "function" => WireConverting.ReadInner(ref reader, WireJsonContext.Default.AssistantToolsFunction),
        _ => null,
    };

    protected override AssistantTools Keep(JsonElement raw) => new AssistantToolsUnknown(raw);
}
