using RunLedger.Domain.Observations;
using RunLedger.Domain.Runs;
using RunLedger.Host.Api.Http;
using RunLedger.Host.Api.Keys;
using RunLedger.Host.Api.Problems;
using RunLedger.Postgres;

namespace RunLedger.Host.Api.Runs;

/// <summary>Finds the run that a request's path names, in the caller's tenant and nowhere else.</summary>
internal static class KnownRun
{
    /// <summary>The row of the run.</summary>
    /// <exception cref="ApiException">404: there is no such run.</exception>
    public static async Task<RunView> FindAsync(HttpContext context, Ledger ledger, string runId) =>
        (ApiQuery.IsHoldable(runId) ? await ledger.Runs.FindAsync(context.Tenant(), new RunId(runId), context.RequestAborted) : null)
        ?? throw NotFound("run", runId);

    /// <summary>The problem of something that is not there.</summary>
    public static ApiException NotFound(string what, string id) => ApiException.NotFound($"No {what} found with id '{id}'.");
}
