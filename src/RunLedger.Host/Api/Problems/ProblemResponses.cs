using System.Diagnostics;
using Microsoft.AspNetCore.Connections;
using Npgsql;
using RunLedger.Host.Api.Http;
using RunLedger.Postgres.Recording;
using RunLedger.Postgres.Replay;

namespace RunLedger.Host.Api.Problems;

/// <summary>
/// Answers every request that cannot be done with a problem detail: what the endpoints refuse, what no endpoint takes, and what fails. A failure
/// is logged under the trace id that the answer names; the answer itself tells nothing of the inside.
/// </summary>
internal sealed class ProblemResponses(RequestDelegate next, ILogger<ProblemResponses> logger)
{
    private const int ClientClosedRequest = StatusCodes.Status499ClientClosedRequest;

    public async Task InvokeAsync(HttpContext context)
    {
        try
        {
            await next(context);
        }
        catch (Exception failure) when (!context.Response.HasStarted)
        {
            await AnswerAsync(context, failure);
            return;
        }
        if (NeedsBody(context)) await WriteAsync(context, Problem.Of(context.Response.StatusCode, Unanswered(context)));
    }

    private Task AnswerAsync(HttpContext context, Exception failure)
    {
        switch (failure)
        {
            case ApiException refused:
                return WriteAsync(context, refused.Problem);
            case BadHttpRequestException bad:
                context.Response.Headers.Connection = "close"; // Where the next request would begin is not known.
                return WriteAsync(context, Problem.Of(bad.StatusCode, bad.Message));
            case ConnectionResetException or ConnectionAbortedException:
            case OperationCanceledException or IOException when context.RequestAborted.IsCancellationRequested:
                context.Response.StatusCode = ClientClosedRequest;
                context.Abort(); // Or the server reads on from a connection that is none.
                return Task.CompletedTask;
            case ObjectDisposedException:
            case NpgsqlException lost when Failures.MayPass(lost):
                logger.LogWarning(
                    "{Method} {Path} was not done, trace {TraceId}: {Reason}", context.Request.Method, context.Request.Path, TraceId(context), failure.Message);
                context.Response.Headers.RetryAfter = "5";
                return WriteAsync(context, Problem.Of(StatusCodes.Status503ServiceUnavailable, failure is PostgresException
                    ? "The ledger's database does not take this at the moment."
                    : "The ledger's database cannot be reached at the moment."));
            case NewerViewsException or OutdatedViewException or UnreadableStreamException:
                logger.LogError("{Method} {Path} was not done, trace {TraceId}: {Reason}", context.Request.Method, context.Request.Path, TraceId(context), failure.Message);
                return WriteAsync(context, Problem.Of(StatusCodes.Status503ServiceUnavailable, failure.Message));
            default:
                logger.LogError(failure, "{Method} {Path} failed, trace {TraceId}", context.Request.Method, context.Request.Path, TraceId(context));
                return WriteAsync(context, Problem.Of(StatusCodes.Status500InternalServerError, "The ledger failed at this request; its log says why."));
        }
    }

    // Routing answers with a status alone where no endpoint takes the request. Endpoints of others, such as a proxy's, answer as they please.
    private static bool NeedsBody(HttpContext context) =>
        context.Response is { StatusCode: >= 400 and not ClientClosedRequest, HasStarted: false, ContentType: null, ContentLength: null }
        && context.GetEndpoint() is not RouteEndpoint;

    private static string Unanswered(HttpContext context) => context.Response.StatusCode switch
    {
        StatusCodes.Status404NotFound => $"There is nothing at {context.Request.Path}.",
        StatusCodes.Status405MethodNotAllowed => $"{context.Request.Path} does not take {context.Request.Method}.",
        _ => $"{context.Request.Method} {context.Request.Path} was not done.",
    };

    private static Task WriteAsync(HttpContext context, Problem problem)
    {
        context.Response.StatusCode = problem.Status;
        return Answer.JsonAsync(context, problem with { TraceId = TraceId(context) }, ApiJson.Web.Problem, Problem.MediaType);
    }

    private static string TraceId(HttpContext context) =>
        Activity.Current?.TraceId.ToString() ?? TraceOfRequest.Of(context.Request) ?? context.TraceIdentifier;
}
