using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using RunLedger.Domain.Json;
using RunLedger.Domain.Observations;
using RunLedger.Domain.Runs;

namespace RunLedger.Domain.Audit;

/// <summary>
/// What is sealed of an event: all that it says and was recorded with, as one JSON text. What it is not: the name of its .NET type and whether its stream is
/// archived, which Marten may change without changing what happened.
/// </summary>
/// <param name="Tenant">Whose it is.</param>
/// <param name="Position">Its position in the ledger.</param>
/// <param name="Id">Its id.</param>
/// <param name="Run">The run.</param>
/// <param name="Version">Its version in the run's stream.</param>
/// <param name="Type">The event type's alias.</param>
/// <param name="RecordedAt">When it was recorded. UTC, to the microsecond.</param>
/// <param name="CorrelationId">What ties it to others; null if nothing does.</param>
/// <param name="CausationId">What caused it; null if nobody said.</param>
/// <param name="Headers">Marten's headers, as JSON; null if there are none.</param>
/// <param name="Data">The event's JSON, as PostgreSQL writes <c>jsonb</c>. It names large values by their SHA-256, which so are sealed too.</param>
public readonly record struct SealedEvent(
    TenantId Tenant, long Position, Guid Id, RunId Run, long Version, string Type, DateTimeOffset RecordedAt, string? CorrelationId, string? CausationId,
    JsonText? Headers, JsonText Data)
{
    // All but plain ASCII is escaped: what newer versions of Unicode take for a character does not change an entry.
    private static readonly JsonWriterOptions Format = new() { Encoder = JavaScriptEncoder.Default, SkipValidation = true };

    /// <summary>A writer for <see cref="Write"/>, which can be used again.</summary>
    public static Utf8JsonWriter Writer(IBufferWriter<byte> output) => new(output, Format);

    /// <summary>Writes the entry: the bytes that are hashed. Their form is a promise; the same event gives the same bytes for ever.</summary>
    public void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("tenant"u8, Tenant.Value);
        writer.WriteNumber("position"u8, Position);
        writer.WriteString("id"u8, Id);
        writer.WriteString("run_id"u8, Run.Value);
        writer.WriteNumber("version"u8, Version);
        writer.WriteString("type"u8, Type);
        EventText.WriteTime(writer, "recorded_at"u8, RecordedAt);
        writer.WriteString("correlation_id"u8, CorrelationId);
        writer.WriteString("causation_id"u8, CausationId);
        writer.WritePropertyName("headers"u8);
        if (Headers is { } headers) writer.WriteRawValue(headers.Utf8.Span, skipInputValidation: true);
        else writer.WriteNullValue();
        writer.WritePropertyName("data"u8);
        writer.WriteRawValue(Data.Utf8.Span, skipInputValidation: true);
        writer.WriteEndObject();
        writer.Flush();
    }

    /// <summary>The entry.</summary>
    public byte[] ToEntry()
    {
        var output = new ArrayBufferWriter<byte>(512 + Data.Utf8.Length);
        using var writer = Writer(output);
        Write(writer);
        return output.WrittenSpan.ToArray();
    }

    /// <summary>The large values that an event names.</summary>
    /// <param name="type">The event type's alias.</param>
    /// <param name="data">The event's JSON.</param>
    /// <exception cref="InvalidDataException">The event is not of a type that this version knows, or not as such events are.</exception>
    public static IEnumerable<Digest> ContentsOf(string type, JsonText data) =>
        data.Utf8.Span.IndexOf("\"$content\""u8) < 0 ? [] : RunEventJson.Read(type, data).LargeValues().Select(large => large.Reference.Sha256);
}
