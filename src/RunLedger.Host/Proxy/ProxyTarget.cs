using RunLedger.Host.Api.Problems;

namespace RunLedger.Host.Proxy;

/// <summary>Where a request goes: what stands behind <see cref="Prefix"/> in its target, byte for byte, behind the upstream's address.</summary>
/// <param name="Path">The path and query behind the prefix, as sent.</param>
internal readonly record struct ProxyTarget(string Path)
{
    /// <summary>The path under which the proxy stands.</summary>
    public const string Prefix = "/proxy";

    private static readonly UriCreationOptions AsSent = new() { DangerousDisablePathAndQueryCanonicalization = true };

    /// <summary>Reads the target of a request line.</summary>
    /// <param name="rawTarget">The target as the client sent it.</param>
    /// <exception cref="ApiException">400: it does not name a path below the upstream's.</exception>
    public static ProxyTarget Of(string rawTarget)
    {
        var target = rawTarget.StartsWith('/') ? rawTarget : WithoutAuthority(rawTarget);
        if (!target.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase) || target[Prefix.Length..] is not ("" or ['/' or '?', ..]))
            throw Refused($"does not begin with {Prefix} as it was sent");
        var path = target[Prefix.Length..];
        if (path.AsSpan().ContainsAnyExceptInRange('!', '~') || path.Contains('#')) throw Refused("has characters that no path has unencoded");
        if (HasDotSegments(path)) throw Refused("has segments '.' or '..', which could lead out of the upstream's path");
        return new ProxyTarget(path);
    }

    /// <summary>The address of this path at an upstream.</summary>
    public Uri At(Uri upstream)
    {
        var address = upstream.AbsoluteUri.TrimEnd('/');
        return new Uri(upstream.AbsolutePath == "/" && !Path.StartsWith('/') ? $"{address}/{Path}" : address + Path, AsSent);
    }

    // A target in absolute form (RFC 9112, section 3.2.2).
    private static string WithoutAuthority(string target)
    {
        var authority = target.IndexOf("://", StringComparison.Ordinal);
        var path = authority < 0 ? -1 : target.IndexOf('/', authority + 3);
        return path < 0 ? "" : target[path..];
    }

    // Some servers decode slashes before they resolve dots, and take a backslash for a slash.
    private static bool HasDotSegments(string path)
    {
        var end = path.IndexOf('?');
        return Uri.UnescapeDataString(end < 0 ? path : path[..end]).Split('/', '\\').Any(segment => segment is "." or "..");
    }

    private static ApiException Refused(string reason) => new(StatusCodes.Status400BadRequest, $"Nothing was forwarded: the path {reason}.");
}
