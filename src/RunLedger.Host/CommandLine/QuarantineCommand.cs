using System.CommandLine;
using System.Globalization;
using RunLedger.Host.Api.Http;
using RunLedger.Host.Api.Quarantine;
using RunLedger.Host.Capture;
using RunLedger.Postgres.Quarantine;
using Spectre.Console;

namespace RunLedger.Host.CommandLine;

/// <summary><c>quarantine</c>: the input that could not be recorded, and its second chance.</summary>
internal static class QuarantineCommand
{
    private const int LongestReason = 160;

    private static readonly Option<int> Limit = NumberOption.Create("--limit", "The most items to list.", 50, 1_000_000);

    /// <summary>Makes the command; without a word after it, it lists.</summary>
    public static Command Create()
    {
        var list = new Command("list", "The items that wait, oldest first.") { Limit, CommonOptions.Json };
        list.SetAction(ListAsync);
        var retry = new Command("retry", "Sends every waiting item in again. Exit code 1 if some still cannot be recorded.") { CommonOptions.Json };
        retry.SetAction(RetryAsync);
        var command = new Command("quarantine", "The input that could not be recorded, with the reason, kept until it can be.")
        {
            list, retry, Limit, CommonOptions.Json,
        };
        command.SetAction(ListAsync);
        return command;
    }

    private static async Task<int> ListAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        await using var open = await OpenLedger.OpenAsync(parsed, cancellationToken);
        var limit = parsed.GetValue(Limit);
        var items = await open.Ledger.Quarantine.ListAsync(open.Tenant, 0, limit + 1, cancellationToken);
        var (page, hasMore) = (items.Take(limit).ToList(), items.Count > limit);
        if (parsed.GetValue(CommonOptions.Json))
        {
            var cursor = hasMore ? page[^1].Id.ToString(CultureInfo.InvariantCulture) : null;
            JsonAnswer.Write(new QuarantineList([.. page.Select(WaitingAnswer.Of)], cursor), ApiJson.Web.QuarantineList);
            return ExitCodes.Done;
        }
        if (page.Count > 0) Terminal.Print(TableOf(page));
        else Terminal.Say($"Nothing is in quarantine in {open.Place}.");
        if (hasMore) Terminal.Say($"There are more than these {page.Count}: raise --limit.");
        return ExitCodes.Done;
    }

    private static async Task<int> RetryAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        await using var open = await OpenLedger.OpenAsync(parsed, cancellationToken);
        var counts = await new ObservationIntake(open.Ledger, TimeProvider.System).RetryQuarantineAsync(open.Tenant, cancellationToken);
        if (parsed.GetValue(CommonOptions.Json))
            JsonAnswer.Write(
                new RetryAnswer(counts.Total, counts.Recorded, counts.Unchanged, counts.Late, counts.Quarantined, counts.Skipped), ApiJson.Web.RetryAnswer);
        else
            Terminal.Print(string.Create(
                CultureInfo.InvariantCulture, $"Retried {counts.Total:#,0}: {Counted.Text(counts)}."));
        if (counts.Quarantined > 0) Terminal.Say($"runledger: still quarantined {counts.Quarantined}; see: runledger quarantine list");
        return counts.Quarantined == 0 ? ExitCodes.Done : ExitCodes.Problem;
    }

    private static Table TableOf(IEnumerable<WaitingItem> items)
    {
        var table = Tables.Of(">ID", "RECEIVED", "SOURCE", "PLACE", ">BYTES", "RETRIED", "REASON");
        foreach (var item in items)
            table.AddRow(
                Tables.Cell(item.Id), Tables.Cell(item.ReceivedAt), Tables.Cell(item.Source), Tables.Cell(item.Pointer), Tables.Cell(item.Bytes),
                Tables.Cell(item.RetriedAt), Tables.Cell(Printable.Line(item.Defect.ToString(), LongestReason)));
        return table;
    }
}
