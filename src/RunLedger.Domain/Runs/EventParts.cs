using System.Text.Json;
using RunLedger.Domain.Json;

namespace RunLedger.Domain.Runs;

/// <summary>The properties of a stored event's JSON, found in one pass. Reading all events of a ledger is mostly this.</summary>
internal readonly record struct EventParts
{
    public JsonText? OccurredAt { get; init; }

    public JsonText? ObservedAt { get; init; }

    public JsonText? Evidence { get; init; }

    public JsonText? Source { get; init; }

    public JsonText? Closes { get; init; }

    public JsonText? Set { get; init; }

    public JsonText? Removed { get; init; }

    public JsonText? ToolCalls { get; init; }

    public JsonText? Contradictions { get; init; }

    public JsonText? Withheld { get; init; }

    public JsonText? Request { get; init; }

    public JsonText? OldMetadata { get; init; }

    public JsonText? SeenAgainAt { get; init; }

    public JsonText? Answered { get; init; }

    /// <summary>Finds the properties; the last of several with one name counts.</summary>
    public static EventParts Of(JsonText data)
    {
        var parts = default(EventParts);
        if (data.Kind != JsonValueKind.Object) return parts;
        var reader = new Utf8JsonReader(data.Utf8.Span, JsonText.ReaderOptions);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.ValueSpan;
            reader.Read();
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            parts = parts.With(name, new JsonText(data.Utf8[start..(int)reader.BytesConsumed]));
        }
        return parts;
    }

    // jsonb writes these names without escapes.
    private EventParts With(ReadOnlySpan<byte> name, JsonText value)
    {
        if (name.SequenceEqual("set"u8)) return this with { Set = value };
        if (name.SequenceEqual("closes"u8)) return this with { Closes = value };
        if (name.SequenceEqual("source"u8)) return this with { Source = value };
        if (name.SequenceEqual("evidence"u8)) return this with { Evidence = value };
        if (name.SequenceEqual("observed_at"u8)) return this with { ObservedAt = value };
        if (name.SequenceEqual("occurred_at"u8)) return this with { OccurredAt = value };
        if (name.SequenceEqual("removed"u8)) return this with { Removed = value };
        if (name.SequenceEqual("request"u8)) return this with { Request = value };
        if (name.SequenceEqual("tool_calls"u8)) return this with { ToolCalls = value };
        if (name.SequenceEqual("old_metadata"u8)) return this with { OldMetadata = value };
        if (name.SequenceEqual("seen_again_at"u8)) return this with { SeenAgainAt = value };
        if (name.SequenceEqual("answered"u8)) return this with { Answered = value };
        if (name.SequenceEqual("withheld"u8)) return this with { Withheld = value };
        return name.SequenceEqual("contradictions"u8) ? this with { Contradictions = value } : this;
    }
}
