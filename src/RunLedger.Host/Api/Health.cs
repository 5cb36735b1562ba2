using Npgsql;
using RunLedger.Domain.Observations;
using RunLedger.Host.Api.Http;
using RunLedger.Host.Api.Problems;
using RunLedger.Postgres;

namespace RunLedger.Host.Api;

/// <summary><c>GET /healthz/live</c> and <c>GET /healthz/ready</c>: whether the host runs, and whether it can do its work.</summary>
internal static class Health
{
    private static readonly TimeSpan DatabaseLimit = TimeSpan.FromSeconds(2);

    public static Task LiveAsync(HttpContext context) => Answer.JsonAsync(context, new HealthAnswer("live"), ApiJson.Web.HealthAnswer);

    public static async Task ReadyAsync(HttpContext context, Ledger ledger)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        limit.CancelAfter(DatabaseLimit);
        try
        {
            // A server that hangs does not answer the request to cancel either, which Npgsql waits for.
            if (!await IsWritableAsync(ledger, limit.Token).WaitAsync(limit.Token)) throw NotReady(context, "The ledger's database can only be read at the moment.");
        }
        catch (Exception failure) when (
            failure is NpgsqlException or OperationCanceledException or ObjectDisposedException && !context.RequestAborted.IsCancellationRequested)
        {
            throw NotReady(context, "The ledger's database cannot be reached at the moment.");
        }
        await Answer.JsonAsync(context, new HealthAnswer("ready"), ApiJson.Web.HealthAnswer);
    }

    // Looking up a run that there is not takes a connection, and the tables.
    private static async Task<bool> IsWritableAsync(Ledger ledger, CancellationToken cancellationToken)
    {
        await ledger.Runs.FindAsync(TenantId.Default, new RunId(""), cancellationToken);
        return await ledger.TakesAppendsAsync(cancellationToken);
    }

    private static ApiException NotReady(HttpContext context, string reason)
    {
        context.Response.Headers.RetryAfter = "1";
        return new ApiException(StatusCodes.Status503ServiceUnavailable, reason);
    }
}

/// <summary>The host's health.</summary>
/// <param name="Status"><c>live</c> or <c>ready</c>.</param>
public sealed record HealthAnswer(string Status);
