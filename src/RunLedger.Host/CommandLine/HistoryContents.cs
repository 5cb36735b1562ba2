using RunLedger.Domain.Json;
using RunLedger.Domain.Observations;
using RunLedger.Domain.Runs;
using RunLedger.Postgres.Runs;

namespace RunLedger.Host.CommandLine;

/// <summary>The large values of whole histories.</summary>
internal static class HistoryContents
{
    /// <summary>Looks up all large values that the events of a history refer to.</summary>
    public static Task<Func<ContentReference, JsonText>> ContentsAsync(
        this RunReader runs, TenantId tenant, RunHistory history, CancellationToken cancellationToken)
    {
        var large = history.Events.SelectMany(recorded => recorded.Event.LargeValues()).Where(value => value.Content is null);
        return runs.ContentsAsync(tenant, large.Select(value => value.Reference), cancellationToken);
    }
}
