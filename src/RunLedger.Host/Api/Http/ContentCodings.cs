using System.IO.Compression;

namespace RunLedger.Host.Api.Http;

/// <summary>The compression of bodies (RFC 9110, section 8.4.1).</summary>
internal static class ContentCodings
{
    /// <summary>The body as it was before it was compressed; null if the coding is none of gzip, br and deflate.</summary>
    /// <param name="body">The body; left open.</param>
    /// <param name="coding">What <c>Content-Encoding</c> says.</param>
    public static Stream? Decompress(Stream body, string coding) => coding.ToUpperInvariant() switch
    {
        "GZIP" or "X-GZIP" => new GZipStream(body, CompressionMode.Decompress, leaveOpen: true),
        "BR" => new BrotliStream(body, CompressionMode.Decompress, leaveOpen: true),
        "DEFLATE" => new ZLibStream(body, CompressionMode.Decompress, leaveOpen: true),
        _ => null,
    };

    /// <summary>
    /// Whether a failure says that a body is not what its coding says. Brotli's stream says the one of what was cut off and the other of what is none.
    /// </summary>
    public static bool IsDefect(Exception failure, Stream decompressed) =>
        failure is InvalidDataException || (failure is InvalidOperationException && decompressed is BrotliStream);
}
