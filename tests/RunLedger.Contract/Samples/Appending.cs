using RunLedger.Domain.Observations;
using RunLedger.Domain.Runs;
using RunLedger.Domain.Usage;
using RunLedger.Postgres.Recording;

namespace RunLedger.Contract.Samples;

/// <summary>Makes batches for an engine, past the recorder.</summary>
public static class Appending
{
    /// <summary>The first observation of a queued run.</summary>
    public static AppendBatch FirstSight(TenantId tenant, string runId, string? correlationId = null, long viewEpoch = 2) =>
        new AppendBatch { RecordedAt = Observed.At(5), ViewEpoch = viewEpoch }.And(tenant, runId, correlationId);

    /// <summary>With the first observation of another queued run.</summary>
    public static AppendBatch And(this AppendBatch batch, TenantId tenant, string runId, string? correlationId = null)
    {
        var run = new RunId(runId);
        var decision = RunDecider.Decide(null, tenant.Seen(RunJson.Queued(runId), 1).Observation);
        var view = RunView.Of(RunState.Fold(run, decision.Events));
        var (key, amounts) = UsageContribution.Of(view);
        batch.Events.Add(new AppendedEvent(new RunKey(tenant, run), 1, decision.Events.Single(), correlationId));
        batch.Views.Add(new RunKey(tenant, run), view);
        batch.Usage[(tenant, key)] = batch.Usage.GetValueOrDefault((tenant, key)) + amounts;
        return batch;
    }
}
