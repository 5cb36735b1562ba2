using System.Buffers;
using System.Text;
using System.Text.Json;
using RunLedger.Domain.Json;

namespace RunLedger.Domain.Runs.Evolution;

/// <summary>
/// Version 1 of <c>contradiction_observed</c> held both values as strings of JSON, <c>"recorded": "120"</c> and <c>"recorded": "\"completed\""</c>, and
/// the word <c>absent</c> where a field was not there. Since version 2 they are values, and what was not there is not there.
/// </summary>
internal static class ContradictionObservedV1
{
    private const string Absent = "absent";

    /// <summary>Gives the JSON of version 2.</summary>
    public static JsonText Upcast(JsonText data)
    {
        var output = new ArrayBufferWriter<byte>(data.Utf8.Length);
        using var writer = RunEventJson.Writer(output);
        writer.WriteStartObject();
        var reader = new Utf8JsonReader(data.Utf8.Span, JsonText.ReaderOptions);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isWanted = reader.ValueTextEquals("contradictions"u8);
            writer.WritePropertyName(reader.ValueSpan);
            reader.Read();
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            var value = new JsonText(data.Utf8[start..(int)reader.BytesConsumed]);
            if (isWanted) WriteContradictions(value, writer);
            else writer.WriteRawValue(value.Utf8.Span, skipInputValidation: true);
        }
        writer.WriteEndObject();
        writer.Flush();
        return new JsonText(output.WrittenMemory);
    }

    private static void WriteContradictions(JsonText contradictions, Utf8JsonWriter writer)
    {
        writer.WriteStartArray();
        foreach (var contradiction in contradictions.Elements())
        {
            writer.WriteStartObject();
            writer.WriteString("field"u8, contradiction.Property("field"u8)?.AsString());
            WriteValue("recorded"u8, contradiction, writer);
            WriteValue("observed"u8, contradiction, writer);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
    }

    private static void WriteValue(ReadOnlySpan<byte> name, JsonText contradiction, Utf8JsonWriter writer)
    {
        if (EventText.ReadString(contradiction.Property(name)) is not { } text || text == Absent) return;
        var json = new JsonText(Encoding.UTF8.GetBytes(text));
        writer.WritePropertyName(name);
        EventText.WriteValue(writer, FieldValue.Of(json, alwaysInline: true));
    }
}
