using Microsoft.AspNetCore.Mvc;
using RunLedger.Host.Api.Http;
using RunLedger.Host.Api.Keys;
using RunLedger.Host.Api.Problems;
using RunLedger.Postgres;
using RunLedger.Postgres.Runs;

namespace RunLedger.Host.Api.Runs;

/// <summary><c>GET /v1/runs</c> and <c>GET /v1/runs/{run_id}</c>: the rows of runs.</summary>
internal static class ListRuns
{
    public static async Task ListAsync(HttpContext context, Ledger ledger)
    {
        var query = new ApiQuery(context);
        query.RefuseOthers(
            "status", "model", "assistant_id", "assistant", "thread_id", "thread", "kind", "metadata", "since", "until", "limit", "cursor");
        var filter = new RunFilter
        {
            Status = query.Text("status"),
            Model = query.Text("model"),
            AssistantId = query.Text("assistant_id", "assistant"),
            ThreadId = query.Text("thread_id", "thread"),
            Kind = query.Word("kind", "thread.run", "response"),
            Metadata = query.Metadata(),
            Since = query.Time("since"),
            Until = query.Time("until"),
        };
        var page = await ledger.Runs.ListAsync(context.Tenant(), filter, query.Limit(100, 1_000), Cursor(query), context.RequestAborted);
        await Answer.JsonAsync(context, new RunList([.. page.Runs.Select(RunAnswer.Of)], page.Next?.ToString()), ApiJson.Web.RunList);
    }

    public static async Task FindAsync(HttpContext context, [FromRoute(Name = "run_id")] string runId, Ledger ledger) =>
        await Answer.JsonAsync(context, RunAnswer.Of(await KnownRun.FindAsync(context, ledger, runId)), ApiJson.Web.RunAnswer);

    private static RunCursor? Cursor(ApiQuery query) => query.Text("cursor") is not { } given ? null
        : RunCursor.Parse(given) ?? throw ApiException.OfParameter("cursor", "is not a next_cursor of this list");
}
