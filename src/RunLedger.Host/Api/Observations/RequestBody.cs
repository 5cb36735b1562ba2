using System.Buffers;
using System.IO.Pipelines;
using Microsoft.Net.Http.Headers;
using RunLedger.Host.Api.Http;
using RunLedger.Host.Api.Problems;

namespace RunLedger.Host.Api.Observations;

/// <summary>Reads a request's whole body into memory of its own, which the snapshots in it then keep.</summary>
internal static class RequestBody
{
    private const int FirstBuffer = 64 * 1024;

    /// <summary>The body, decompressed where the client compressed it.</summary>
    /// <param name="context">The request.</param>
    /// <param name="largest">The most bytes to read, decompressed.</param>
    /// <exception cref="ApiException">413: it is larger; 415: it is no JSON, or compressed in an unknown way; 400: it cannot be decompressed.</exception>
    public static async ValueTask<ReadOnlyMemory<byte>> ReadAsync(HttpContext context, long largest)
    {
        CheckMediaType(context.Request.ContentType);
        var encoding = context.Request.Headers.ContentEncoding.ToString();
        if (encoding is "" or "identity")
            return context.Request.ContentLength > largest ? throw TooLarge(largest) : await ReadAsync(context.Request.BodyReader, largest);

        await using var decompressed = Decompress(context.Request.Body, encoding);
        try
        {
            return await ReadAsync(PipeReader.Create(decompressed), largest);
        }
        catch (Exception broken) when (ContentCodings.IsDefect(broken, decompressed))
        {
            throw new ApiException(StatusCodes.Status400BadRequest, $"Nothing was recorded: the body is not {encoding}: {broken.Message}");
        }
    }

    private static async ValueTask<ReadOnlyMemory<byte>> ReadAsync(PipeReader reader, long largest)
    {
        ArrayBufferWriter<byte>? gathered = null;
        while (true)
        {
            var read = await reader.ReadAsync();
            if ((gathered?.WrittenCount ?? 0) + read.Buffer.Length > largest) throw TooLarge(largest);
            if (read.IsCompleted && gathered is null) return Take(reader, read.Buffer);

            // A small body whose end is yet to come stays where it is; a large one moves over, so that the connection's buffer is free again.
            if (!read.IsCompleted && gathered is null && read.Buffer.Length < FirstBuffer)
            {
                reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
                continue;
            }
            gathered ??= new ArrayBufferWriter<byte>(FirstBuffer * 4);
            foreach (var segment in read.Buffer) gathered.Write(segment.Span);
            reader.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted) return gathered.WrittenMemory;
        }
    }

    private static byte[] Take(PipeReader reader, ReadOnlySequence<byte> body)
    {
        var taken = GC.AllocateUninitializedArray<byte>((int)body.Length);
        body.CopyTo(taken);
        reader.AdvanceTo(body.End);
        return taken;
    }

    private static Stream Decompress(Stream body, string encoding) => ContentCodings.Decompress(body, encoding)
        ?? throw new ApiException(StatusCodes.Status415UnsupportedMediaType, $"Content-Encoding '{encoding}' is none of gzip, br, deflate.");

    // A page of another site can send text/plain and forms without being asked for permission first; so these are not taken.
    private static void CheckMediaType(string? contentType)
    {
        if (contentType is null or "application/json") return;
        if (!MediaTypeHeaderValue.TryParse(contentType, out var type) || !IsJson(type))
            throw Unsupported($"'{contentType}' is not JSON: send application/json or application/x-ndjson.");
        if (type.Charset.HasValue && !type.Charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase)) throw Unsupported("JSON is UTF-8 here.");
    }

    private static bool IsJson(MediaTypeHeaderValue type) =>
        type.MediaType.Value?.ToUpperInvariant() is "APPLICATION/JSON" or "APPLICATION/X-NDJSON" or "APPLICATION/NDJSON" or "APPLICATION/JSONL"
            or "APPLICATION/X-JSONLINES" or "APPLICATION/OCTET-STREAM"
        || type.Suffix.Equals("json", StringComparison.OrdinalIgnoreCase);

    private static ApiException TooLarge(long largest) =>
        new(StatusCodes.Status413PayloadTooLarge, $"Nothing was recorded: the body is larger than {largest} bytes.");

    private static ApiException Unsupported(string detail) => new(StatusCodes.Status415UnsupportedMediaType, detail);
}
