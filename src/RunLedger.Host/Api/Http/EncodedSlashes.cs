using Microsoft.AspNetCore.Http.Features;

namespace RunLedger.Host.Api.Http;

/// <summary>Slashes that are a part of an id: encoded in the path, and so no separators.</summary>
internal static class EncodedSlashes
{
    private const string Slash = "%2F";

    /// <summary>
    /// Decodes them in the values that routing took from the path. The server decodes everything else, and so <c>%252F</c> looks in a value as
    /// <c>%2F</c> does: what the client sent is what is decoded, once.
    /// </summary>
    public static Task DecodeAsync(HttpContext context, RequestDelegate next)
    {
        var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        if (target.Contains(Slash, StringComparison.OrdinalIgnoreCase) && context.GetEndpoint() is RouteEndpoint endpoint)
        {
            var sent = new Queue<string>(target.Split('?')[0].Split('/'));
            foreach (var parameter in endpoint.RoutePattern.Parameters)
                if (context.Request.RouteValues[parameter.Name] is string routed && SegmentOf(routed, sent) is { } segment)
                    context.Request.RouteValues[parameter.Name] = Uri.UnescapeDataString(segment);
        }
        return next(context);
    }

    // The parameters stand in the order of the path. Null for one of several segments.
    private static string? SegmentOf(string routed, Queue<string> sent)
    {
        while (sent.TryDequeue(out var segment))
            if (Routed(segment) == routed) return segment;
        return null;
    }

    // A segment as the server gives it to routing.
    private static string Routed(string segment) => Uri.UnescapeDataString(
        segment.Replace(Slash, "%252F", StringComparison.Ordinal).Replace("%2f", "%252f", StringComparison.Ordinal));
}
