using System.Net.Http.Headers;
using Microsoft.Extensions.Primitives;

namespace RunLedger.Host.Proxy;

/// <summary>
/// Headers that pass from one side to the other: all but those that are about one connection (RFC 9110, section 7.6.1), what the framing of each
/// connection says anew, and the ledger's own key.
/// </summary>
internal static class EndToEndHeaders
{
    // Trailers do not pass, and so what announces them does not either.
    private static readonly HashSet<string> OfOneConnection = new(StringComparer.OrdinalIgnoreCase)
    {
        "Connection", "Keep-Alive", "Proxy-Connection", "TE", "Trailer", "Transfer-Encoding", "Upgrade",
    };

    private static readonly HashSet<string> NotForUpstreams = new(OfOneConnection, StringComparer.OrdinalIgnoreCase) { "Content-Length", "Host", "X-Api-Key" };

    /// <summary>Copies a request's headers. Those that .NET counts among the body's make a body, empty where the request has none.</summary>
    public static void Copy(IHeaderDictionary from, HttpRequestMessage to)
    {
        var named = NamedBy(from.Connection);
        foreach (var (name, values) in from)
        {
            if (NotForUpstreams.Contains(name) || named.Contains(name)) continue;
            if (to.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values)) continue;
            to.Content ??= new ByteArrayContent([]);
            to.Content.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values);
        }
    }

    /// <summary>Copies an answer's headers.</summary>
    public static void Copy(HttpResponseMessage from, IHeaderDictionary to)
    {
        var named = NamedBy(from.Headers.NonValidated.TryGetValues("Connection", out var options) ? new StringValues([.. options]) : default);
        Copy(from.Headers.NonValidated, to, named);
        Copy(from.Content.Headers.NonValidated, to, named);
    }

    private static void Copy(HttpHeadersNonValidated from, IHeaderDictionary to, IReadOnlyCollection<string> named)
    {
        foreach (var (name, values) in from)
            if (!OfOneConnection.Contains(name) && !named.Contains(name)) to[name] = new StringValues([.. values]);
    }

    private static HashSet<string> NamedBy(StringValues connection)
    {
        var named = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var line in connection)
            named.UnionWith((line ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
        return named;
    }
}
