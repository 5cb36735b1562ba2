using RunLedger.Host.Api.Http;
using RunLedger.Host.Api.Problems;
using RunLedger.Host.Replay;
using RunLedger.Postgres;
using RunLedger.Postgres.Replay;

namespace RunLedger.Host.Api.Projections;

/// <summary><c>POST /v1/projections/{name}/rebuild</c>: makes a view anew in the background.</summary>
internal static class RequestRebuild
{
    public static async Task RequestAsync(HttpContext context, string name, Ledger ledger, RebuildRequests requests)
    {
        if (name is not (ViewNames.Runs or ViewNames.Usage)) throw ApiException.NotFound($"There is no projection '{name}': there are runs and usage.");
        var status = await ledger.Projections.StatusAsync(context.RequestAborted);
        if (status.Rebuild is { IsRunning: true }) throw new ApiException(StatusCodes.Status409Conflict, new RebuildUnderWayException().Message);
        requests.Add(name);
        context.Response.StatusCode = StatusCodes.Status202Accepted;
        context.Response.Headers.Location = "/v1/projections";
        await Answer.JsonAsync(context, ProjectionList.Of(status), ApiJson.Web.ProjectionList);
    }
}
