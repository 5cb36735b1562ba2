using Microsoft.AspNetCore.Mvc;
using RunLedger.Domain.Json;
using RunLedger.Domain.Observations;
using RunLedger.Host.Api.Http;
using RunLedger.Host.Api.Keys;
using RunLedger.Host.Api.Problems;
using RunLedger.Postgres;

namespace RunLedger.Host.Api.Runs;

/// <summary>
/// <c>GET /v1/threads/{thread_id}/runs/{run_id}</c> and <c>GET /v1/responses/{response_id}</c>: the run as the API showed it, now, at a version
/// of its history, or as of a time.
/// </summary>
internal static class ReadSnapshot
{
    public static async Task OfThreadRunAsync(
        HttpContext context, [FromRoute(Name = "thread_id")] string threadId, [FromRoute(Name = "run_id")] string runId, Ledger ledger)
    {
        var view = await KnownRun.FindAsync(context, ledger, runId);
        if (view.Kind != "thread.run" || view.ThreadId != threadId) throw KnownRun.NotFound("run", runId);
        await AnswerAsync(context, new RunId(runId), ledger);
    }

    public static async Task OfResponseAsync(HttpContext context, [FromRoute(Name = "response_id")] string responseId, Ledger ledger)
    {
        var view = await KnownRun.FindAsync(context, ledger, responseId);
        if (view.Kind != "response") throw KnownRun.NotFound("response", responseId);
        await AnswerAsync(context, new RunId(responseId), ledger);
    }

    private static async Task AnswerAsync(HttpContext context, RunId run, Ledger ledger) =>
        await Answer.BytesAsync(context, (await FindAsync(context, run, ledger)).Utf8);

    private static async Task<JsonText> FindAsync(HttpContext context, RunId run, Ledger ledger)
    {
        var query = new ApiQuery(context);
        var (tenant, version, time) = (context.Tenant(), query.Number("at_version"), query.Time("as_of"));
        return (version, time) switch
        {
            (not null, not null) => throw ApiException.OfParameter("as_of", "and at_version are two answers to one question: give one of them"),
            ({ } at, _) => await ledger.Runs.AtVersionAsync(tenant, run, at, context.RequestAborted)
                ?? throw ApiException.NotFound($"The history of '{run}' has no version {at}."),
            (_, { } at) => await ledger.Runs.AsOfAsync(tenant, run, at, context.RequestAborted)
                ?? throw ApiException.NotFound($"Nothing was known of '{run}' as of {at:yyyy-MM-dd'T'HH:mm:ss.FFFFFF'Z'}."),
            _ => await ledger.Runs.CurrentAsync(tenant, run, context.RequestAborted) ?? throw KnownRun.NotFound("run", run.Value),
        };
    }
}
