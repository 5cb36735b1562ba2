using System.Net;

namespace RunLedger.Host.Api.Keys;

/// <summary>Without keys the host is open to whoever reaches it; so it may listen on loopback only, and answer loopback only.</summary>
public static class ListenPolicy
{
    /// <summary>Checks the addresses that the host is to listen on.</summary>
    /// <param name="urls">The addresses, as in <c>--urls</c>; each may be a list with semicolons.</param>
    /// <param name="keysConfigured">Whether there are keys.</param>
    /// <returns>Null if they are fine; otherwise what is wrong with them, in one line.</returns>
    public static string? Check(IEnumerable<string> urls, bool keysConfigured)
    {
        foreach (var url in urls.SelectMany(list => list.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)))
        {
            if (!TryParse(url, out var address)) return $"'{url}' is no address to listen on.";
            if (!keysConfigured && !address.IsUnixPipe && !IsLoopback(address.Host))
                return $"'{url}' can be reached from other machines, and no keys are configured: configure Keys, or listen on 127.0.0.1.";
        }
        return null;
    }

    /// <summary>
    /// Why a request is not served while there are no keys: it did not come by loopback, or was not meant for it, as that of a page elsewhere
    /// whose name resolves here. Null if it is served.
    /// </summary>
    internal static string? Refusal(HttpContext context)
    {
        if (context.Connection.LocalIpAddress is { } local && !IPAddress.IsLoopback(local))
            return "No keys are configured, so only loopback is served.";
        if (!IsLoopback(context.Request.Host.Host))
            return $"No keys are configured, so only requests to loopback are served; this one is to '{context.Request.Host}'.";
        return context.Request.Headers.Origin is [var origin] && !(Uri.TryCreate(origin, UriKind.Absolute, out var page) && IsLoopback(page.Host))
            ? $"No keys are configured, so only pages on loopback are served; this request is from '{origin}'."
            : null;
    }

    private static bool IsLoopback(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));

    private static bool TryParse(string url, out BindingAddress address)
    {
        try
        {
            address = BindingAddress.Parse(url);
            return true;
        }
        catch (FormatException)
        {
            address = null!;
            return false;
        }
    }
}
