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
    /// <summary>Up to so many fields are put in order without memory of their own.</summary>
    private const int FewFields = 64;

    /// <summary>How events are written: compact, and with no escapes but those that JSON demands.</summary>
    private static readonly JsonWriterOptions WriterOptions =
        new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true, MaxDepth = JsonText.MaxDepth * 2 };

    /// <summary>A writer for event JSON, to be reset and used for many events.</summary>
    public static Utf8JsonWriter Writer(IBufferWriter<byte> output) => new(output, WriterOptions);

    /// <summary>
    /// Writes an event's JSON as one value. Names stand in the order in which <c>jsonb</c> keeps them, by length and then by bytes, which the server would
    /// else have to sort.
    /// </summary>
    public static void Write(RunEvent runEvent, Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        WriteSet(writer, runEvent.Changes.Set);
        if (runEvent.Closes is { } digest) digest.Write(writer, "closes"u8);
        writer.WriteString("source"u8, runEvent.Sighting.Source);
        WriteRemoved(writer, runEvent.Changes.Removed);
        WriteAttached(writer, "request"u8, runEvent.Attachment);
        if (runEvent.Answered is { } answered) writer.WriteNumber("answered"u8, answered);
        writer.WriteString("evidence"u8, runEvent.Sighting.Evidence == Evidence.Seen ? "seen"u8 : "inferred"u8);
        if (runEvent is ContradictionObserved { Withheld: var withheld }) writer.WriteBoolean("withheld"u8, withheld);
        if (runEvent is ToolCallsRequired { ToolCalls: var required }) WriteToolCalls(writer, required);
        if (runEvent is LateObservationRecorded { ToolCalls: var late }) WriteToolCalls(writer, late);
        EventText.WriteTime(writer, "observed_at"u8, runEvent.Sighting.ObservedAt);
        EventText.WriteTime(writer, "occurred_at"u8, runEvent.Sighting.OccurredAt);
        if (runEvent is RunModified { OldMetadata: var old }) WriteAttached(writer, "old_metadata"u8, old);
        if (runEvent is LateObservationRecorded { SeenAgainAt: { } seenAgainAt }) EventText.WriteTime(writer, "seen_again_at"u8, seenAgainAt);
        if (runEvent is ContradictionObserved { Contradictions: var contradictions }) WriteContradictions(writer, contradictions);
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
            "late_observation_recorded" => new LateObservationRecorded(sighting, ReadToolCalls(data), changes)
            {
                SeenAgainAt = data.SeenAgainAt is { } seenAgainAt ? EventText.ReadTime(seenAgainAt) : null,
            },
            "contradiction_observed_v2" => new ContradictionObserved(
                sighting, ReadContradictions(data), data.Withheld?.Kind == JsonValueKind.True, changes),
            _ => throw new InvalidDataException($"'{alias}' is no event type that this version knows."),
        };
        if (data.Answered?.AsInt64() is { } answered) runEvent = runEvent with { Answered = answered };
        return data.Closes is { } closes ? runEvent with { Closes = Digest.Parse(closes.AsString()) } : runEvent;
    }

    private static void WriteAttached(Utf8JsonWriter writer, ReadOnlySpan<byte> name, FieldValue? attached)
    {
        if (attached is null) return;
        writer.WritePropertyName(name);
        EventText.WriteValue(writer, attached);
    }

    private static void WriteToolCalls(Utf8JsonWriter writer, ImmutableArray<ToolCall> calls)
    {
        if (calls.IsEmpty) return;
        writer.WriteStartArray("tool_calls"u8);
        foreach (var call in calls)
        {
            writer.WriteStartObject();
            EventText.WriteString(writer, "id"u8, call.Id);
            EventText.WriteString(writer, "name"u8, call.Name);
            EventText.WriteString(writer, "type"u8, call.Type);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
    }

    private static void WriteContradictions(Utf8JsonWriter writer, ImmutableArray<Contradiction> contradictions)
    {
        writer.WriteStartArray("contradictions"u8);
        foreach (var contradiction in contradictions)
        {
            writer.WriteStartObject();
            writer.WriteString("field"u8, contradiction.Field);
            if (contradiction.Observed is { } seen) WriteContradicted(writer, "observed"u8, seen);
            WriteContradicted(writer, "recorded"u8, contradiction.Recorded);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
    }

    private static void WriteContradicted(Utf8JsonWriter writer, ReadOnlySpan<byte> name, JsonText value)
    {
        writer.WritePropertyName(name);
        EventText.WriteValue(writer, FieldValue.Of(value, alwaysInline: true));
    }

    private static void WriteSet(Utf8JsonWriter writer, ImmutableArray<Field> set)
    {
        if (set.IsEmpty) return;
        writer.WriteStartObject("set"u8);
        Span<int> order = set.Length <= FewFields ? stackalloc int[set.Length] : new int[set.Length];
        OrderByLength(set, order);
        foreach (var index in order)
        {
            writer.WritePropertyName(EventText.KeyOf(set[index].Name));
            EventText.WriteValue(writer, set[index].Value);
        }
        writer.WriteEndObject();
    }

    // The fields come in ordinal order, so that those of one length keep theirs. Mostly few are set at once, but an observation may have any number.
    private static void OrderByLength(ImmutableArray<Field> set, Span<int> order)
    {
        if (set.Length > FewFields)
        {
            for (var index = 0; index < order.Length; index++) order[index] = index;
            order.Sort((x, y) => set[x].Name.Length != set[y].Name.Length ? set[x].Name.Length - set[y].Name.Length : x - y);
            return;
        }
        for (var next = 0; next < order.Length; next++)
        {
            var at = next;
            for (; at > 0 && set[order[at - 1]].Name.Length > set[next].Name.Length; at--) order[at] = order[at - 1];
            order[at] = next;
        }
    }

    private static void WriteRemoved(Utf8JsonWriter writer, ImmutableArray<string> removed)
    {
        if (removed.IsEmpty) return;
        writer.WriteStartArray("removed"u8);
        foreach (var name in removed) writer.WriteStringValue(EventText.KeyOf(name));
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
        var removed = data.Removed?.Elements().Select(name => EventText.NameOf(EventText.Text(name, "removed"))).Order(StringComparer.Ordinal);
        return new FieldChanges(set.DrainToImmutable(), removed is null ? [] : [.. removed]);
    }

    private static FieldValue? ReadAttachment(JsonText? written) => written is { } value ? EventText.ReadValue(value) : null;

    private static ImmutableArray<ToolCall> ReadToolCalls(EventParts data) =>
    [
        .. data.ToolCalls?.Elements().Select(call => new ToolCall(
            EventText.WrittenText(call.Property("id"u8), "tool_calls.id"),
            EventText.WrittenText(call.Property("type"u8), "tool_calls.type"),
            EventText.ReadString(call.Property("name"u8)))) ?? [],
    ];

    private static ImmutableArray<Contradiction> ReadContradictions(EventParts data) =>
    [
        .. data.Contradictions?.Elements().Select(contradiction => new Contradiction(
            EventText.Text(contradiction.Property("field"u8), "contradictions.field"),
            ReadAttachment(contradiction.Property("recorded"u8))?.Text ?? throw Broken("contradiction", "recorded"),
            ReadAttachment(contradiction.Property("observed"u8))?.Text)) ?? [],
    ];

    private static InvalidDataException Broken(string alias, string property) => new($"A stored {alias} has no {property}.");
}
