using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace RunLedger.Host.Api.Http;

/// <summary>Writes answers with their length, so that they are sent at once.</summary>
internal static class Answer
{
    /// <summary>Answers with a value as JSON.</summary>
    public static Task JsonAsync<T>(HttpContext context, T value, JsonTypeInfo<T> type, string mediaType = "application/json") =>
        BytesAsync(context, JsonSerializer.SerializeToUtf8Bytes(value, type), mediaType);

    /// <summary>Answers with text that is ready.</summary>
    public static Task BytesAsync(HttpContext context, ReadOnlyMemory<byte> body, string mediaType = "application/json")
    {
        context.Response.ContentType = mediaType;
        context.Response.ContentLength = body.Length;
        return context.Response.BodyWriter.WriteAsync(body).AsTask(); // Ends by itself where the client has gone.
    }
}
