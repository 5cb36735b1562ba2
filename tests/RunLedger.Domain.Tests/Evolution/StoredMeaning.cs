using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using RunLedger.Domain.Runs;
using RunLedger.Domain.Usage;

namespace RunLedger.Domain.Tests.Evolution;

/// <summary>What an event means to the domain, as JSON: values as they are, a large one as its digest and size, and what is read from them.</summary>
internal static class StoredMeaning
{
    public static string Of(RunEvent next)
    {
        var output = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(output, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true }))
        {
            json.WriteStartObject();
            json.WriteString("event", next.GetType().Name);
            json.WriteString("occurred_at", Time(next.Sighting.OccurredAt));
            json.WriteString("observed_at", Time(next.Sighting.ObservedAt));
            json.WriteString("evidence", next.Sighting.Evidence == Evidence.Seen ? "seen" : "inferred");
            json.WriteString("source", next.Sighting.Source);
            json.WriteString("closes", next.Closes?.ToString());
            WriteFields(json, next.Changes);
            WriteOwn(json, next);
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    private static void WriteFields(Utf8JsonWriter json, FieldChanges changes)
    {
        Write(json, "set", $"{{{string.Join(',', changes.Set.Select(field => $"{Quoted(field.Name)}:{Text(field.Value)}"))}}}");
        Write(json, "removed", $"[{string.Join(',', changes.Removed.Select(Quoted))}]");
    }

    private static void WriteOwn(Utf8JsonWriter json, RunEvent next)
    {
        switch (next)
        {
            case RunRequested { Request: var request }:
                Write(json, "request", Text(request));
                break;
            case ToolCallsRequired { ToolCalls: var calls }:
                Write(json, "tool_calls", Array(calls, Of));
                break;
            case LateObservationRecorded { ToolCalls: var calls }:
                Write(json, "tool_calls", Array(calls, Of));
                break;
            case ToolOutputsSubmitted { Request: var request }:
                Write(json, "request", Text(request));
                break;
            case RunModified { OldMetadata: var old, Request: var request }:
                Write(json, "old_metadata", Text(old));
                Write(json, "request", Text(request));
                break;
            case RunFailed { Error: { } error }:
                Write(json, "error", $$"""{"code":{{Quoted(error.Code)}},"message":{{Quoted(error.Message)}}}""");
                break;
            case RunCompleted { Usage: { } usage }:
                Write(json, "usage", Of(usage));
                break;
            case RunIncomplete { Reason: var reason, Usage: { } usage }:
                Write(json, "reason", Quoted(reason));
                Write(json, "usage", Of(usage));
                break;
            case ContradictionObserved { Withheld: var withheld, Contradictions: var found }:
                json.WriteBoolean("withheld", withheld);
                Write(json, "contradictions", Array(found, Of));
                break;
        }
    }

    private static string Of(ToolCall call) => $$"""{"id":{{Quoted(call.Id)}},"type":{{Quoted(call.Type)}},"name":{{Quoted(call.Name)}}}""";

    private static string Of(Contradiction found)
    {
        var observed = found.Observed is { } seen ? $",\"observed\":{seen}" : "";
        return $$"""{"field":{{Quoted(found.Field)}},"recorded":{{found.Recorded}}{{observed}}}""";
    }

    private static string Of(TokenUsage usage) => $"[{usage.Prompt},{usage.Completion},{usage.Total},{usage.Cached},{usage.Reasoning}]";

    private static string Array<T>(IEnumerable<T> items, Func<T, string> text) => $"[{string.Join(',', items.Select(text))}]";

    private static string Text(FieldValue? value) => value switch
    {
        null => "null",
        FieldValue.Large { Reference: var reference } => $$"""{"sha256":"{{reference.Sha256}}","bytes":{{reference.Bytes}}}""",
        _ => value.Text!.Value.ToString(),
    };

    private static string Quoted(string? text) =>
        text is null ? "null" : $"\"{string.Concat(text.Select(unit => string.Create(CultureInfo.InvariantCulture, $"\\u{(int)unit:x4}")))}\"";

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);

    private static void Write(Utf8JsonWriter json, string name, string raw)
    {
        json.WritePropertyName(name);
        json.WriteRawValue(raw, skipInputValidation: true);
    }
}
