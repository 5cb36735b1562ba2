using Microsoft.Net.Http.Headers;

namespace RunLedger.Host.Api.Http;

/// <summary>Which of two forms of an answer a client wants, by its header Accept (RFC 9110, section 12.5.1).</summary>
internal static class AcceptedTypes
{
    /// <summary>Whether the client names a media type, and does not want the usual one more.</summary>
    public static bool Prefers(HttpRequest request, string type, string usual)
    {
        if (!MediaTypeHeaderValue.TryParseList(request.Headers.Accept, out var accepted)) return false;
        double Quality(string name) => accepted.Where(range => range.MediaType.Equals(name, StringComparison.OrdinalIgnoreCase))
            .Select(range => range.Quality ?? 1).DefaultIfEmpty(0).Max();
        return Quality(type) is > 0 and var quality && quality >= Quality(usual);
    }
}
