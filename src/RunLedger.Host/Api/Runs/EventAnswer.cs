using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json.Serialization;
using RunLedger.Domain.Json;
using RunLedger.Domain.Observations;
using RunLedger.Domain.Runs;

namespace RunLedger.Host.Api.Runs;

/// <summary>The history of a run, in the order in which it was recorded.</summary>
/// <param name="Data">The events.</param>
public sealed record EventList(IReadOnlyList<EventAnswer> Data)
{
    /// <summary><c>list</c>.</summary>
    [JsonPropertyOrder(-1)]
    public string Object => "list";
}

/// <summary>An event. Values that no object of .NET can hold without loss are JSON text here.</summary>
public sealed record EventAnswer
{
    /// <summary><c>event</c>.</summary>
    [JsonPropertyOrder(-1)]
    public string Object => "event";

    /// <summary>Its place among all events of the ledger.</summary>
    public required long Position { get; init; }

    /// <summary>The run or response to which it happened.</summary>
    public required string RunId { get; init; }

    /// <summary>Its place among the events of its run, from 1.</summary>
    public required long Version { get; init; }

    /// <summary>What happened, e.g. <c>run_completed</c>.</summary>
    public required string Type { get; init; }

    /// <summary>When it happened: the API's own timestamp where there is one, else the observation's.</summary>
    public required DateTime OccurredAt { get; init; }

    /// <summary>When it was observed.</summary>
    public required DateTime ObservedAt { get; init; }

    /// <summary>When the ledger appended it.</summary>
    public required DateTime RecordedAt { get; init; }

    /// <summary><c>seen</c>, or <c>inferred</c> from what a later observation showed.</summary>
    public required string Evidence { get; init; }

    /// <summary>The way of the observation, e.g. <c>poll</c>.</summary>
    public required string Source { get; init; }

    /// <summary>What ties it to work elsewhere.</summary>
    public required string? CorrelationId { get; init; }

    /// <summary>The fields that it set and removed.</summary>
    public required ChangesAnswer Changes { get; init; }

    /// <summary>The tool calls that it was the first to show.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<ToolCallAnswer>? ToolCalls { get; init; }

    /// <summary>On a late observation that only this makes older: when the run had been seen again as it is known, after it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTime? SeenAgainAt { get; init; }

    /// <summary>What could not be true together.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<ContradictionAnswer>? Contradictions { get; init; }

    /// <summary>Whether the whole contradicting snapshot is kept beside the record.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? Withheld { get; init; }

    /// <summary>The metadata before it was modified.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public JsonText? OldMetadata { get; init; }

    /// <summary>The request that was captured.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public JsonText? Request { get; init; }

    /// <summary>On the last event of an observation: the SHA-256 of the snapshot that was observed.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Closes { get; init; }

    /// <summary>The answer for an event.</summary>
    /// <param name="run">The run to which it happened.</param>
    /// <param name="recorded">The event.</param>
    /// <param name="contents">Looks up large values; null leaves them as references.</param>
    public static EventAnswer Of(RunId run, RecordedEvent recorded, Func<ContentReference, JsonText>? contents)
    {
        var (happened, values) = (recorded.Event, new ValueText(contents));
        return new EventAnswer
        {
            Position = recorded.Position,
            RunId = run.Value,
            Version = recorded.Version,
            Type = RunEventTypes.Of(happened).Name,
            OccurredAt = happened.Sighting.OccurredAt.UtcDateTime,
            ObservedAt = happened.Sighting.ObservedAt.UtcDateTime,
            RecordedAt = recorded.RecordedAt.UtcDateTime,
            Evidence = happened.Sighting.Evidence == Domain.Runs.Evidence.Seen ? "seen" : "inferred",
            Source = happened.Sighting.Source,
            CorrelationId = recorded.CorrelationId,
            Changes = new ChangesAnswer(values.OfFields(happened.Changes.Set), [.. happened.Changes.Removed.Select(ValueText.OfString)]),
            ToolCalls = ToolCallsOf(happened),
            SeenAgainAt = (happened as LateObservationRecorded)?.SeenAgainAt?.UtcDateTime,
            Contradictions = (happened as ContradictionObserved)?.Contradictions.Select(ContradictionAnswer.Of).ToList(),
            Withheld = (happened as ContradictionObserved)?.Withheld,
            OldMetadata = values.Of((happened as RunModified)?.OldMetadata),
            Request = values.Of(RequestOf(happened)),
            Closes = happened.Closes?.ToString(),
        };
    }

    private static IReadOnlyList<ToolCallAnswer>? ToolCallsOf(RunEvent happened) => happened switch
    {
        ToolCallsRequired { ToolCalls: var calls } => [.. calls.Select(ToolCallAnswer.Of)],
        LateObservationRecorded { ToolCalls: { IsEmpty: false } calls } => [.. calls.Select(ToolCallAnswer.Of)],
        _ => null,
    };

    private static FieldValue? RequestOf(RunEvent happened) => happened switch
    {
        RunRequested { Request: var request } => request,
        ToolOutputsSubmitted { Request: var request } => request,
        RunModified { Request: var request } => request,
        _ => null,
    };
}

/// <summary>The fields that an event set and removed.</summary>
/// <param name="Set">An object: the fields and their new values; a large value is <c>{"$content": sha256, "bytes": n}</c> unless resolved.</param>
/// <param name="Removed">The names of the fields that are there no more.</param>
public sealed record ChangesAnswer(JsonText Set, IReadOnlyList<JsonText> Removed);

/// <summary>A tool call.</summary>
/// <param name="Id">The call's id.</param>
/// <param name="Type">The tool's type.</param>
/// <param name="Name">The function's name, if it has one.</param>
public sealed record ToolCallAnswer(JsonText Id, JsonText Type, JsonText? Name)
{
    /// <summary>The answer for a tool call.</summary>
    public static ToolCallAnswer Of(ToolCall call) =>
        new(ValueText.OfString(call.Id), ValueText.OfString(call.Type), call.Name is { } name ? ValueText.OfString(name) : null);
}

/// <summary>Two values that cannot both be true.</summary>
/// <param name="Field">The field.</param>
/// <param name="Recorded">The value in the record, a string of JSON.</param>
/// <param name="Observed">The value observed, a string of JSON, or <c>absent</c>.</param>
public sealed record ContradictionAnswer(string Field, JsonText Recorded, JsonText Observed)
{
    /// <summary>The answer for a contradiction.</summary>
    public static ContradictionAnswer Of(Contradiction contradiction) =>
        new(contradiction.Field, TextOf(contradiction.Recorded), TextOf(contradiction.Observed));

    private static JsonText TextOf(JsonText? value) => ValueText.OfString(value?.ToString() ?? "absent");
}

/// <summary>The JSON text of what events hold; strings with lone surrogates are written as escapes.</summary>
internal readonly struct ValueText(Func<ContentReference, JsonText>? contents)
{
    public JsonText? Of(FieldValue? value) => value switch
    {
        null => null,
        FieldValue.Large { Content: null, Reference: var reference } when contents is null => ReferenceTo(reference),
        FieldValue.Large { Content: { } content } => content,
        FieldValue.Large { Reference: var reference } => contents!(reference),
        _ => value.Text,
    };

    public JsonText OfFields(ImmutableArray<Field> fields)
    {
        var canonical = new CanonicalJson();
        var output = new ArrayBufferWriter<byte>();
        output.Write("{"u8);
        foreach (var field in fields)
        {
            canonical.Clear();
            canonical.WriteName(field.Name);
            if (output.WrittenCount > 1) output.Write(","u8);
            output.Write(canonical.Written);
            output.Write(Of(field.Value)!.Value.Utf8.Span);
        }
        output.Write("}"u8);
        return new JsonText(output.WrittenMemory);
    }

    public static JsonText OfString(string text)
    {
        var canonical = new CanonicalJson();
        canonical.WriteName(text);
        return new JsonText(canonical.Written[..^1].ToArray());
    }

    private static JsonText ReferenceTo(ContentReference reference) => new(Encoding.ASCII.GetBytes(
        string.Create(CultureInfo.InvariantCulture, $$"""{"$content":"{{reference.Sha256}}","bytes":{{reference.Bytes}}}""")));
}
