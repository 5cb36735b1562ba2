using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using RunLedger.Simulator.Faults;

namespace RunLedger.Simulator.Api;

/// <summary>The Assistants API for threads and runs, under <c>/v1</c>.</summary>
public static class AssistantsApi
{
    /// <summary>
    /// Maps <c>/v1/threads</c> and what is below onto this simulation. Other paths under <c>/v1</c> are answered 404 as the service does.
    /// </summary>
    /// <param name="endpoints">The application's endpoints.</param>
    /// <param name="simulation">The threads and runs to serve.</param>
    /// <returns>The group of endpoints.</returns>
    public static RouteGroupBuilder MapAssistantsApi(this IEndpointRouteBuilder endpoints, Simulation simulation)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        ArgumentNullException.ThrowIfNull(simulation);

        var group = endpoints.MapGroup("/v1");
        group.AddEndpointFilter((invocation, next) => Receive(simulation, invocation, next));
        group.MapThreads(simulation);
        group.MapRuns(simulation);
        group.MapFallback("{**path}", (HttpRequest request) => Unknown(request));
        return group;
    }

    private static async ValueTask<object?> Receive(
        Simulation simulation, EndpointFilterInvocationContext invocation, EndpointFilterDelegate next)
    {
        var context = invocation.HttpContext;
        var (ordinal, fault) = simulation.Receive();
        context.Response.Headers["x-request-id"] = "req_" + ordinal.ToString("x16", CultureInfo.InvariantCulture);
        if (fault is not (Fault.None or Fault.DroppedResponse))
        {
            return await fault.Befall(context, simulation.Faults);
        }

        var answer = await Serve(simulation, invocation, next);
        return fault == Fault.DroppedResponse ? await fault.Befall(context, simulation.Faults) : answer;
    }

    private static async ValueTask<object?> Serve(
        Simulation simulation, EndpointFilterInvocationContext invocation, EndpointFilterDelegate next)
    {
        try
        {
            CheckKey(simulation.Options.ApiKey, invocation.HttpContext.Request);
            return await next(invocation);
        }
        catch (ApiException error)
        {
            return ApiJson.Error(error);
        }
    }

    private static void CheckKey(string? key, HttpRequest request)
    {
        if (key is null || request.Headers.Authorization == "Bearer " + key)
        {
            return;
        }

        throw request.Headers.Authorization.Count == 0
            ? new ApiException(401, "You didn't provide an API key. Send it in an Authorization header: Bearer YOUR_KEY.")
            : new ApiException(401, "Incorrect API key provided.", code: "invalid_api_key");
    }

    private static IResult Unknown(HttpRequest request) =>
        throw new ApiException(404, $"Invalid URL ({request.Method} {request.Path})");
}
