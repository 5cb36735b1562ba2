using System.Buffers;

namespace RunLedger.Host.Api.Http;

/// <summary>The trace that a request is a part of, as its client states it (W3C Trace Context, section 3.2).</summary>
internal static class TraceOfRequest
{
    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdef");

    /// <summary>The trace id, 32 hexadecimal digits; null if the client states none.</summary>
    public static string? Of(HttpRequest request) =>
        request.Headers.TraceParent is [{ Length: >= 55 } parent] && parent.AsSpan(3, 32).IndexOfAnyExcept(HexDigits) < 0 ? parent[3..35] : null;
}
