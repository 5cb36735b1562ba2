using System.Buffers;
using System.Globalization;
using System.Text.Json;
using RunLedger.Domain.Json;
using RunLedger.Domain.Observations;
using RunLedger.Domain.Runs;

namespace RunLedger.Host.Capture;

/// <summary>
/// An event on a line of an export: <c>{"object":"run.event","run_id","version","position","type","recorded_at","correlation_id","data"}</c>, where
/// data is the event's JSON with large values in it instead of references.
/// </summary>
/// <param name="Run">The run.</param>
/// <param name="Version">Its place among the events of its run, from 1.</param>
/// <param name="Event">What happened; large values are in it.</param>
/// <param name="CorrelationId">What ties it to work elsewhere, if the observer said so.</param>
internal sealed record EventLine(RunId Run, long Version, RunEvent Event, string? CorrelationId)
{
    private const string ObjectType = "run.event";

    /// <summary>Writes an event's line, newline included.</summary>
    /// <param name="run">The run.</param>
    /// <param name="recorded">The event.</param>
    /// <param name="contents">Gives the large values that it refers to.</param>
    /// <param name="output">Where to.</param>
    public static void Write(RunId run, RecordedEvent recorded, Func<ContentReference, JsonText> contents, IBufferWriter<byte> output)
    {
        using (var writer = RunEventJson.Writer(output))
        {
            writer.WriteStartObject();
            writer.WriteString("object"u8, ObjectType);
            writer.WriteString("run_id"u8, run.Value);
            writer.WriteNumber("version"u8, recorded.Version);
            writer.WriteNumber("position"u8, recorded.Position);
            writer.WriteString("type"u8, RunEventTypes.Of(recorded.Event).Alias);
            writer.WriteString("recorded_at"u8, recorded.RecordedAt.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture));
            writer.WriteString("correlation_id"u8, recorded.CorrelationId);
            writer.WritePropertyName("data"u8);
            RunEventJson.Write(Inlined(recorded.Event, contents), writer);
            writer.WriteEndObject();
        }
        output.Write("\n"u8);
    }

    /// <summary>Whether an item of input is meant to be an event's line: its first property is the object type.</summary>
    public static bool IsMeant(ReadOnlySpan<byte> item)
    {
        var reader = new Utf8JsonReader(item, isFinalBlock: false, default);
        try
        {
            return reader.Read() && reader.TokenType == JsonTokenType.StartObject
                && reader.Read() && reader.ValueTextEquals("object"u8)
                && reader.Read() && reader.TokenType == JsonTokenType.String && reader.ValueTextEquals(ObjectType);
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>Reads an event's line, and says what is wrong where it is none.</summary>
    public static Checked<EventLine> Read(ReadOnlyMemory<byte> item)
    {
        try
        {
            var line = Whole(item);
            if (line.Property("run_id"u8)?.AsString() is not { Length: > 0 } run) return new Defect("run_id", "is missing");
            if (line.Property("version"u8)?.AsInt64() is not (> 0 and var version)) return new Defect("version", "is no version");
            if (line.Property("type"u8)?.AsString() is not { } type) return new Defect("type", "is missing");
            if (line.Property("data"u8) is not { Kind: JsonValueKind.Object } data) return new Defect("data", "is missing");
            return new EventLine(new RunId(run), version, RunEventJson.Read(type, data), line.Property("correlation_id"u8)?.AsString());
        }
        catch (Exception unreadable) when (unreadable is JsonException or InvalidDataException or FormatException or ArgumentException)
        {
            return new Defect("data", $"is no event: {unreadable.Message}");
        }
    }

    // Reads to the end, so that what follows the first broken byte is not taken for whole.
    private static JsonText Whole(ReadOnlyMemory<byte> item)
    {
        var reader = new Utf8JsonReader(item.Span, JsonText.ReaderOptions with { MaxDepth = JsonText.MaxDepth + 8 });
        while (reader.Read())
        {
        }
        return new JsonText(item);
    }

    private static RunEvent Inlined(RunEvent next, Func<ContentReference, JsonText> contents)
    {
        FieldValue Inline(FieldValue value) => value is FieldValue.Large large
            ? new FieldValue.Inline(large.Content ?? contents(large.Reference), storable: true)
            : value;

        var set = next.Changes.Set.Select(field => new Field(field.Name, Inline(field.Value)));
        var whole = next with { Changes = next.Changes with { Set = [.. set] } };
        return whole switch
        {
            RunRequested requested => requested with { Request = Inline(requested.Request) },
            ToolOutputsSubmitted { Request: { } request } submitted => submitted with { Request = Inline(request) },
            RunModified modified => modified with
            {
                OldMetadata = modified.OldMetadata is { } old ? Inline(old) : null,
                Request = modified.Request is { } request ? Inline(request) : null,
            },
            _ => whole,
        };
    }
}
