using Microsoft.AspNetCore.Mvc;
using RunLedger.Domain.Json;
using RunLedger.Domain.Observations;
using RunLedger.Domain.Runs;
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
    public static Task OfThreadRunAsync(
        HttpContext context, [FromRoute(Name = "thread_id")] string threadId, [FromRoute(Name = "run_id")] string runId, Ledger ledger) =>
        AnswerAsync(context, new RunId(runId), new Place(RunKind.ThreadRun, threadId), ledger);

    public static Task OfResponseAsync(HttpContext context, [FromRoute(Name = "response_id")] string responseId, Ledger ledger) =>
        AnswerAsync(context, new RunId(responseId), new Place(RunKind.Response), ledger);

    private static async Task AnswerAsync(HttpContext context, RunId run, Place place, Ledger ledger)
    {
        var isThereNow = place.Holds(await KnownRun.FindAsync(context, ledger, run.Value));
        var snapshot = await FindAsync(context, run, ledger);
        if (!isThereNow && !place.Holds(snapshot)) throw KnownRun.NotFound(place.What, run.Value);
        await Answer.BytesAsync(context, snapshot.Utf8);
    }

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

    /// <summary>Where a path looks for a run. A snapshot that contradicts the record may show the run elsewhere than an earlier one did.</summary>
    private readonly record struct Place(RunKind Kind, string? ThreadId = null)
    {
        public string What => Kind == RunKind.Response ? "response" : "run";

        public bool Holds(RunView now) => now.Kind == Kind.Name() && (Kind == RunKind.Response || now.ThreadId == ThreadId);

        public bool Holds(JsonText snapshot) => snapshot.Property("object"u8)?.AsString() == Kind.Name()
            && (Kind == RunKind.Response || snapshot.Property("thread_id"u8)?.AsString() == ThreadId);
    }
}
