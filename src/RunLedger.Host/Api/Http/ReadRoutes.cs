using RunLedger.Host.Api.Keys;
using RunLedger.Host.Api.OpenApi;

namespace RunLedger.Host.Api.Http;

/// <summary>Maps what is read.</summary>
internal static class ReadRoutes
{
    /// <summary>
    /// Maps GET, and HEAD, whose answer is the same without its body (RFC 9110, section 9.3.2): the server leaves the body out. Only GET is described.
    /// </summary>
    /// <param name="routes">Where to map.</param>
    /// <param name="pattern">The path.</param>
    /// <param name="read">Answers.</param>
    /// <param name="description">What OpenAPI says of it.</param>
    /// <param name="scope">The scope that it takes; null where it takes no key.</param>
    public static void MapRead(
        this IEndpointRouteBuilder routes, string pattern, Delegate read, OperationDescription description, Scopes? scope = Scopes.Read)
    {
        var (get, head) = (routes.MapGet(pattern, read), routes.MapMethods(pattern, [HttpMethods.Head], read));
        get.Describe(description);
        head.ExcludeFromDescription();
        if (scope is not { } required) return;
        get.RequireScope(required);
        head.RequireScope(required);
    }
}
