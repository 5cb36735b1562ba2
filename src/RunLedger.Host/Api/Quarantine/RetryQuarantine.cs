using RunLedger.Host.Api.Http;
using RunLedger.Host.Api.Keys;
using RunLedger.Host.Capture;

namespace RunLedger.Host.Api.Quarantine;

/// <summary><c>POST /v1/quarantine/retry</c>: sends every waiting item in again.</summary>
internal static class RetryQuarantine
{
    public static async Task RetryAsync(HttpContext context, ObservationIntake intake)
    {
        var counts = await intake.RetryQuarantineAsync(context.Tenant(), context.RequestAborted);
        await Answer.JsonAsync(
            context,
            new RetryAnswer(counts.Total, counts.Recorded, counts.Unchanged, counts.Late, counts.Quarantined, counts.Skipped),
            ApiJson.Web.RetryAnswer);
    }
}

/// <summary>What became of the items that were retried.</summary>
/// <param name="Retried">All of them.</param>
/// <param name="Recorded">Those that showed something new.</param>
/// <param name="Unchanged">Those that showed nothing new.</param>
/// <param name="Late">Those that were older than what was known.</param>
/// <param name="Quarantined">Those that still have a defect.</param>
/// <param name="Skipped">Those that show no run.</param>
public sealed record RetryAnswer(long Retried, long Recorded, long Unchanged, long Late, long Quarantined, long Skipped);
