using RunLedger.Host.Api.Problems;

namespace RunLedger.Host.Api.Keys;

/// <summary>Lets requests through to an endpoint only with a key that has the scope that it requires.</summary>
public static class ScopeRequirement
{
    /// <summary>
    /// Requires a scope of an endpoint, or of all endpoints of a group, and makes <see cref="CallerOfRequest.Tenant"/> known there. The check is
    /// part of the endpoint itself, so that no order of middleware can leave it out.
    /// </summary>
    /// <param name="endpoints">The endpoints.</param>
    /// <param name="scope">The scope.</param>
    /// <param name="byApiKeyAlone">Whether only <c>X-Api-Key</c> names the key, because <c>Authorization</c> is meant for somebody else.</param>
    public static TBuilder RequireScope<TBuilder>(this TBuilder endpoints, Scopes scope, bool byApiKeyAlone = false) where TBuilder : IEndpointConventionBuilder
    {
        endpoints.Finally(endpoint =>
        {
            endpoint.Metadata.Add(new RequiredScope(scope));
            var keys = endpoint.ApplicationServices.GetRequiredService<AccessKeys>();
            var next = endpoint.RequestDelegate!;
            endpoint.RequestDelegate = context =>
            {
                context.Features.Set(Admit(context, keys, scope, byApiKeyAlone));
                return next(context);
            };
        });
        return endpoints;
    }

    private static Caller Admit(HttpContext context, AccessKeys keys, Scopes scope, bool byApiKeyAlone)
    {
        if (!keys.AreConfigured) return Caller.OnLoopback;
        var presented = byApiKeyAlone ? ApiKeyOf(context.Request.Headers) : KeyOf(context.Request.Headers);
        if (presented.IsEmpty)
            throw Refused(context, 401, "Bearer realm=\"runledger\"", byApiKeyAlone
                ? "No key of the ledger was given: send 'X-Api-Key: KEY'. 'Authorization' is for the upstream here."
                : "No key was given: send 'Authorization: Bearer KEY' or 'X-Api-Key: KEY'.");
        var caller = keys.Find(presented)
            ?? throw Refused(context, 401, "Bearer realm=\"runledger\", error=\"invalid_token\"", "The key is not known here.");
        return caller.Scopes.HasFlag(scope) ? caller : throw Lacking(context, scope);
    }

    private static ReadOnlySpan<char> KeyOf(IHeaderDictionary headers) =>
        headers.Authorization is [{ } authorization] && authorization.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase)
            ? authorization.AsSpan("Bearer ".Length).Trim()
            : ApiKeyOf(headers);

    private static ReadOnlySpan<char> ApiKeyOf(IHeaderDictionary headers) => headers["X-Api-Key"] is [{ } key] ? key.AsSpan().Trim() : [];

    private static ApiException Lacking(HttpContext context, Scopes scope)
    {
        var name = scope.Name();
        var challenge = $"Bearer realm=\"runledger\", error=\"insufficient_scope\", scope=\"{name}\"";
        var refused = Refused(context, 403, challenge, $"The key lacks the scope '{name}'.");
        return new ApiException(refused.Problem with { Scope = name });
    }

    // RFC 6750, section 3: how a bearer token is asked for and refused.
    private static ApiException Refused(HttpContext context, int status, string challenge, string detail)
    {
        context.Response.Headers.WWWAuthenticate = challenge;
        return new ApiException(status, detail);
    }
}

/// <summary>Metadata of an endpoint: the scope that it requires.</summary>
/// <param name="Scope">The scope.</param>
internal sealed record RequiredScope(Scopes Scope);

/// <summary>The names of scopes.</summary>
internal static class ScopeNames
{
    /// <summary>The scope as settings name it.</summary>
    public static string Name(this Scopes scope) => scope switch
    {
        Scopes.Observe => "observe",
        Scopes.Read => "read",
        _ => "admin",
    };
}
