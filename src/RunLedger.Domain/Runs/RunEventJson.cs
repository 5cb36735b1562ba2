using System.Buffers;
using System.Collections.Immutable;
using System.Text.Encodings.Web;
using System.Text.Json;
using RunLedger.Domain.Json;
using RunLedger.Domain.Observations;
using RunLedger.Domain.Runs.Evolution;

namespace RunLedger.Domain.Runs;

/// <summary>Writes events as the JSON that <c>mt_events.data</c> holds, and reads them back.</summary>
public static class RunEventJson
{
    /// <summary>How events are written: compact, and with no escapes but those that JSON demands.</summary>
    private static readonly JsonWriterOptions WriterOptions =
        new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true, MaxDepth = JsonText.MaxDepth * 2 };

    /// <summary>A writer for event JSON, to be reset and used for many events.</summary>
    public static Utf8JsonWriter Writer(IBufferWriter<byte> output) => new(output, WriterOptions);

    /// <summary>Writes an event's JSON as one value.</summary>
    public static void Write(RunEvent runEvent, Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        WriteSighting(writer, runEvent.Sighting);
        if (runEvent.Closes is { } digest) writer.WriteString("closes"u8, digest.ToString());
        WriteOwn(writer, runEvent);
        WriteChanges(writer, runEvent.Changes);
        writer.WriteEndObject();
        writer.Flush();
    }

    /// <summary>Reads an event of any version.</summary>
    /// <param name="alias">The name under which it is stored.</param>
    /// <param name="data">Its JSON; what is kept of it is copied.</param>
    /// <exception cref="InvalidDataException">The type is not known, or the data is not an event of that type.</exception>
    public static RunEvent Read(string alias, JsonText data) => Read(alias, data, forViews: false);

    /// <summary>
    /// Reads what views are made of and leaves the rest, mostly large, aside: folding such events gives the same <see cref="RunView"/>, but no snapshot.
    /// </summary>
    /// <inheritdoc cref="Read(string, JsonText)"/>
    public static RunEvent ReadForViews(string alias, JsonText data) => Read(alias, data, forViews: true);

    private static RunEvent Read(string alias, JsonText json, bool forViews)
    {
        while (RunEventUpcasters.Of(alias) is { } upcaster) (alias, json) = (upcaster.To, upcaster.Upcast(json));
        var data = EventParts.Of(json);
        var sighting = ReadSighting(data);
        var changes = ReadChanges(data, forViews);
        if (forViews) data = data with { Request = data.Request is null ? null : JsonText.Null, OldMetadata = null, Contradictions = null };
        RunEvent runEvent = alias switch
        {
            "run_requested" => new RunRequested(sighting, ReadAttachment(data.Request) ?? throw Broken(alias, "request")),
            "run_queued" => new RunQueued(sighting, changes),
            "run_started" => new RunStarted(sighting, changes),
            "tool_calls_required" => new ToolCallsRequired(sighting, ReadToolCalls(data), changes),
            "tool_outputs_submitted" => new ToolOutputsSubmitted(sighting, ReadAttachment(data.Request), changes),
            "run_modified" => new RunModified(sighting, ReadAttachment(data.OldMetadata), ReadAttachment(data.Request), changes),
            "run_cancelling" => new RunCancelling(sighting, changes),
            "run_cancelled" => new RunCancelled(sighting, changes),
            "run_failed" => new RunFailed(sighting, changes),
            "run_completed" => new RunCompleted(sighting, changes),
            "run_incomplete" => new RunIncomplete(sighting, changes),
            "run_expired" => new RunExpired(sighting, changes),
            "run_details_changed" => new RunDetailsChanged(sighting, changes),
            "late_observation_recorded" => new LateObservationRecorded(sighting, ReadToolCalls(data), changes),
            "contradiction_observed_v2" => new ContradictionObserved(
                sighting, ReadContradictions(data), data.Withheld?.Kind == JsonValueKind.True, changes),
            _ => throw new InvalidDataException($"'{alias}' is no event type that this version knows."),
        };
        return data.Closes is { } closes ? runEvent with { Closes = Digest.Parse(closes.AsString()) } : runEvent;
    }

    private static void WriteSighting(Utf8JsonWriter writer, Sighting sighting)
    {
        EventText.WriteTime(writer, "occurred_at"u8, sighting.OccurredAt);
        EventText.WriteTime(writer, "observed_at"u8, sighting.ObservedAt);
        writer.WriteString("evidence"u8, sighting.Evidence == Evidence.Seen ? "seen"u8 : "inferred"u8);
        writer.WriteString("source"u8, sighting.Source);
    }

    private static void WriteOwn(Utf8JsonWriter writer, RunEvent runEvent)
    {
        switch (runEvent)
        {
            case ToolCallsRequired required:
                WriteToolCalls(writer, required.ToolCalls);
                break;
            case LateObservationRecorded late:
                WriteToolCalls(writer, late.ToolCalls);
                break;
            case ContradictionObserved observed:
                WriteContradictions(writer, observed);
                break;
            case RunModified { OldMetadata: { } old }:
                writer.WritePropertyName("old_metadata"u8);
                EventText.WriteValue(writer, old);
                break;
        }
        if (runEvent.Attachment is not { } attachment) return;
        writer.WritePropertyName("request"u8);
        EventText.WriteValue(writer, attachment);
    }

    private static void WriteToolCalls(Utf8JsonWriter writer, ImmutableArray<ToolCall> calls)
    {
        if (calls.IsEmpty) return;
        writer.WriteStartArray("tool_calls"u8);
        foreach (var call in calls)
        {
            writer.WriteStartObject();
            EventText.WriteString(writer, "id"u8, call.Id);
            EventText.WriteString(writer, "type"u8, call.Type);
            EventText.WriteString(writer, "name"u8, call.Name);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
    }

    private static void WriteContradictions(Utf8JsonWriter writer, ContradictionObserved observed)
    {
        writer.WriteBoolean("withheld"u8, observed.Withheld);
        writer.WriteStartArray("contradictions"u8);
        foreach (var contradiction in observed.Contradictions)
        {
            writer.WriteStartObject();
            writer.WriteString("field"u8, contradiction.Field);
            WriteContradicted(writer, "recorded"u8, contradiction.Recorded);
            if (contradiction.Observed is { } seen) WriteContradicted(writer, "observed"u8, seen);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
    }

    private static void WriteContradicted(Utf8JsonWriter writer, ReadOnlySpan<byte> name, JsonText value)
    {
        writer.WritePropertyName(name);
        EventText.WriteValue(writer, FieldValue.Of(value, alwaysInline: true));
    }

    private static void WriteChanges(Utf8JsonWriter writer, FieldChanges changes)
    {
        if (!changes.Set.IsEmpty)
        {
            writer.WriteStartObject("set"u8);
            foreach (var field in changes.Set)
            {
                writer.WritePropertyName(EventText.KeyOf(field.Name));
                EventText.WriteValue(writer, field.Value);
            }
            writer.WriteEndObject();
        }
        if (changes.Removed.IsEmpty) return;
        writer.WriteStartArray("removed"u8);
        foreach (var name in changes.Removed) writer.WriteStringValue(EventText.KeyOf(name));
        writer.WriteEndArray();
    }

    private static Sighting ReadSighting(EventParts data) => new(
        EventText.ReadTime(data.OccurredAt ?? throw Broken("event", "occurred_at")),
        EventText.ReadTime(data.ObservedAt ?? throw Broken("event", "observed_at")),
        data.Evidence?.Utf8.Span.SequenceEqual("\"inferred\""u8) == true ? Evidence.Inferred : Evidence.Seen,
        data.Source?.AsString() ?? throw Broken("event", "source"));

    private static FieldChanges ReadChanges(EventParts data, bool forViews)
    {
        var set = ImmutableArray.CreateBuilder<Field>();
        if (data.Set is { } written)
        {
            var reader = new Utf8JsonReader(written.Utf8.Span, JsonText.ReaderOptions);
            reader.Read();
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var name = EventText.NameOf(FieldNames.Read(reader.ValueSpan, reader.ValueIsEscaped));
                reader.Read();
                var start = (int)reader.TokenStartIndex;
                reader.Skip();
                if (forViews && !RunView.IsMadeOf(name)) continue;
                set.Add(new Field(name, EventText.ReadValue(new JsonText(written.Utf8[start..(int)reader.BytesConsumed]))));
            }
        }
        set.Sort((x, y) => string.CompareOrdinal(x.Name, y.Name));
        var removed = data.Removed?.Elements().Select(name => EventText.NameOf(name.AsString()!)).Order(StringComparer.Ordinal);
        return new FieldChanges(set.DrainToImmutable(), removed is null ? [] : [.. removed]);
    }

    private static FieldValue? ReadAttachment(JsonText? written) => written is { } value ? EventText.ReadValue(value) : null;

    private static ImmutableArray<ToolCall> ReadToolCalls(EventParts data) =>
    [
        .. data.ToolCalls?.Elements().Select(call => new ToolCall(
            EventText.ReadString(call.Property("id"u8))!, EventText.ReadString(call.Property("type"u8))!, EventText.ReadString(call.Property("name"u8)))) ?? [],
    ];

    private static ImmutableArray<Contradiction> ReadContradictions(EventParts data) =>
    [
        .. data.Contradictions?.Elements().Select(contradiction => new Contradiction(
            contradiction.Property("field"u8)!.Value.AsString()!,
            ReadAttachment(contradiction.Property("recorded"u8))?.Text ?? throw Broken("contradiction", "recorded"),
            ReadAttachment(contradiction.Property("observed"u8))?.Text)) ?? [],
    ];

    private static InvalidDataException Broken(string alias, string property) => new($"A stored {alias} has no {property}.");
}
