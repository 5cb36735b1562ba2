using System.Resources;
using System.Security.Cryptography;
using System.Text;
using RunLedger.Host.Api.Http;

namespace RunLedger.Host.Dashboard;

/// <summary>The page at <c>/</c>: recent runs, their histories, and usage. It is one file without anything from elsewhere.</summary>
public static class DashboardPage
{
    private static readonly byte[] Html = Encoding.UTF8.GetBytes(
        new ResourceManager("RunLedger.Host.Dashboard.Dashboard", typeof(DashboardPage).Assembly).GetString("Page")!);

    // The page's one style and one script are allowed by their digests, so that nothing else ever runs in it (CSP Level 3, section 6.7.3).
    private static readonly string Policy =
        $"default-src 'none'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
        + $"style-src {DigestOf("style")}; script-src {DigestOf("script")}";

    /// <summary>Maps the page.</summary>
    public static void MapDashboard(this IEndpointRouteBuilder routes) => routes.MapMethods("/", [HttpMethods.Get, HttpMethods.Head], ShowAsync).ExcludeFromDescription();

    private static Task ShowAsync(HttpContext context)
    {
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = Policy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers.CacheControl = "no-cache";
        return Answer.BytesAsync(context, Html, "text/html; charset=utf-8");
    }

    private static string DigestOf(string element)
    {
        var text = Encoding.UTF8.GetString(Html);
        var start = text.IndexOf($"<{element}>", StringComparison.Ordinal) + element.Length + 2;
        var inside = text[start..text.IndexOf($"</{element}>", StringComparison.Ordinal)];
        return $"'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(inside)))}'";
    }
}
