using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using RunLedger.Domain.Observations;
using RunLedger.Domain.Runs;

namespace RunLedger.Domain.Capture;

/// <summary>Writes observations such that <see cref="ObservationReader"/> reads equal ones: the lines of an export.</summary>
public static class ObservationWriter
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <summary>
    /// Writes an observation as an envelope on a line of its own, newline included. JSON in it stays as it was observed but for white space.
    /// </summary>
    /// <param name="observation">What to write.</param>
    /// <param name="output">Where to.</param>
    public static void Write(Observation observation, IBufferWriter<byte> output)
    {
        using (var writer = new Utf8JsonWriter(output, Options))
        {
            writer.WriteStartObject();
            EventText.WriteTime(writer, "observed_at"u8, observation.ObservedAt);
            if (observation.Basis == TimeBasis.Assumed) writer.WriteString("basis"u8, "assumed"u8);
            writer.WriteString("source"u8, observation.Source);
            if (observation.CorrelationId is { } correlationId) writer.WriteString("correlation_id"u8, correlationId);
            if (observation.Request is { } request)
            {
                writer.WriteStartObject("request"u8);
                writer.WriteString("kind"u8, Envelope.RequestKinds.First(kind => kind.Kind == request.Kind).Name);
                writer.WritePropertyName("body"u8);
                writer.WriteRawValue(request.Body.Minified().Utf8.Span, skipInputValidation: true);
                writer.WriteEndObject();
            }
            writer.WritePropertyName("snapshot"u8);
            writer.WriteRawValue(observation.Snapshot.Json.Minified().Utf8.Span, skipInputValidation: true);
            writer.WriteEndObject();
        }
        output.Write("\n"u8);
    }
}
