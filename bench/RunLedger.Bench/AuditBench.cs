using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using RunLedger.Domain.Observations;
using RunLedger.Postgres;
using RunLedger.Postgres.Embedded;
using RunLedger.Postgres.Recording;

namespace RunLedger.Bench;

/// <summary>Sealing all events for the first time, and verifying them, against a bare COPY of the same events that the same client drains.</summary>
internal static class AuditBench
{
    private const int WarmUp = 40_000;

    public static async Task RunAsync(EmbeddedPostgres server, FigureTable table, int events)
    {
        var connection = await server.CreateDatabaseAsync("bench_audit");
        await using var ledger = await Ledger.OpenAsync(connection, new RecorderOptions { Lanes = 2 }, TimeProvider.System, NullLoggerFactory.Instance, default);
        await EventHistory.FillAsync(ledger, WarmUp);
        await SealAsync(ledger);
        await VerifyAsync(ledger);
        await Measuring.NumberAsync(ledger.DataSource, "with gone as (delete from runledger.audit_tiles returning 1) select count(*) from gone");

        await EventHistory.FillAsync(ledger, events);
        var count = await EventHistory.CountAsync(ledger);
        var (bare, sealing, verifying) = (await EventHistory.DrainAsync(ledger.DataSource), await SealAsync(ledger), await VerifyAsync(ledger));
        table.Add($"(g) sealing {count:#,0} events, against COPY of the events to the same client", count / sealing, count / bare, "events/s", "");
        table.Add("(g) verifying them with a checkpoint, against the same", count / verifying, count / bare, "events/s", "");
    }

    private static async Task<double> SealAsync(Ledger ledger)
    {
        var started = Stopwatch.GetTimestamp();
        await ledger.Audit.SealAsync(TenantId.Default, _ => { }, CancellationToken.None);
        return Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    private static async Task<double> VerifyAsync(Ledger ledger)
    {
        var checkpoint = await ledger.Audit.SealAsync(TenantId.Default, _ => { }, CancellationToken.None);
        var verification = await ledger.Audit.VerifyAsync(
            TenantId.Default, [checkpoint], found => throw new InvalidOperationException(found), _ => { }, CancellationToken.None);
        return verification.Elapsed.TotalSeconds;
    }
}
