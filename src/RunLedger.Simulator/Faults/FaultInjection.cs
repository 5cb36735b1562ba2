using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using RunLedger.Simulator.Api;

namespace RunLedger.Simulator.Faults;

/// <summary>What a request sees of its fault.</summary>
internal static class FaultInjection
{
    public static async Task<IResult> Befall(this Fault fault, HttpContext context, FaultOptions options)
    {
        switch (fault)
        {
            case Fault.RateLimited:
                var seconds = Math.Ceiling(options.RetryAfter.TotalSeconds);
                context.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
                return ApiJson.Error(new ApiException(429, "Rate limit reached for requests.", "requests", code: "rate_limit_exceeded"));
            case Fault.ServerError:
                return ApiJson.Error(new ApiException(500, "The server had an error while processing your request.", "server_error"));
            case Fault.Hang:
                await ClientGone(context);
                break;
        }

        context.Abort();
        return Results.Empty;
    }

    /// <summary>Waits until the client gives up, or the server stops: a hanging request must not hold it.</summary>
    private static async Task ClientGone(HttpContext context)
    {
        var gone = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var stopping = context.RequestServices.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        using var onAborted = context.RequestAborted.Register(() => gone.TrySetResult());
        using var onStopping = stopping.Register(() => gone.TrySetResult());
        await gone.Task;
    }
}
