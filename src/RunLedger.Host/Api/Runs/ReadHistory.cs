using Microsoft.AspNetCore.Mvc;
using RunLedger.Domain.Json;
using RunLedger.Domain.Observations;
using RunLedger.Domain.Runs;
using RunLedger.Host.Api.Http;
using RunLedger.Host.Api.Keys;
using RunLedger.Postgres;

namespace RunLedger.Host.Api.Runs;

/// <summary><c>GET /v1/runs/{run_id}/events</c>: what happened to a run, when, and when and how the ledger learnt of it.</summary>
internal static class ReadHistory
{
    public static async Task ReadAsync(HttpContext context, [FromRoute(Name = "run_id")] string runId, Ledger ledger)
    {
        var query = new ApiQuery(context);
        query.RefuseOthers("resolve");
        var resolve = query.Flag("resolve");
        var history = (ApiQuery.IsHoldable(runId) ? await ledger.Runs.HistoryAsync(context.Tenant(), new RunId(runId), context.RequestAborted) : null)
            ?? throw KnownRun.NotFound("run", runId);
        var contents = resolve ? await ContentsAsync(context, history, ledger) : null;
        await Answer.JsonAsync(context, new EventList([.. history.Events.Select(recorded => EventAnswer.Of(history.Id, recorded, contents))]), ApiJson.Web.EventList);
    }

    private static Task<Func<ContentReference, JsonText>> ContentsAsync(HttpContext context, RunHistory history, Ledger ledger)
    {
        var missing = history.Events.SelectMany(recorded => recorded.Event.LargeValues()).Where(large => large.Content is null);
        return ledger.Runs.ContentsAsync(context.Tenant(), missing.Select(large => large.Reference), context.RequestAborted);
    }
}
