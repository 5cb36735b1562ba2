using System.CommandLine;
using RunLedger.Domain.Observations;
using RunLedger.Domain.Runs;
using RunLedger.Host.Api.Http;
using RunLedger.Host.Api.Runs;
using Spectre.Console;

namespace RunLedger.Host.CommandLine;

/// <summary><c>history RUN</c>: what happened, in the order in which it happened, and when that became known.</summary>
internal static class HistoryCommand
{
    private static readonly Argument<string> Run = new("RUN") { Description = "The run's id." };

    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var command = new Command("history", "What happened to a run, when, when that was learnt, and whether it was seen or inferred.")
        {
            Run, CommonOptions.Json,
        };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        await using var open = await OpenLedger.OpenAsync(parsed, cancellationToken);
        var run = new RunId(parsed.GetRequiredValue(Run));
        var history = await open.Ledger.Runs.HistoryAsync(open.Tenant, run, cancellationToken) ?? throw open.NotFound(run);
        if (parsed.GetValue(CommonOptions.Json)) await WriteJsonAsync(open, history, cancellationToken);
        else Terminal.Print(TableOf(history));
        return ExitCodes.Done;
    }

    private static async Task WriteJsonAsync(OpenLedger open, RunHistory history, CancellationToken cancellationToken)
    {
        var contents = await open.Ledger.Runs.ContentsAsync(open.Tenant, history, cancellationToken);
        JsonAnswer.Write(new EventList([.. history.Events.Select(recorded => EventAnswer.Of(history.Id, recorded, contents))]), ApiJson.Web.EventList);
    }

    private static Table TableOf(RunHistory history)
    {
        var table = Tables.Of(">VERSION", "WHEN", ">AFTER", "EVENT", "KNOWN", "LEARNT", ">DELAY", "SOURCE", "DETAILS");
        DateTimeOffset? moved = null;
        foreach (var recorded in history.Events.OrderBy(recorded => recorded.Event.Sighting.OccurredAt).ThenBy(recorded => recorded.Version))
        {
            var (sighting, moves) = (recorded.Event.Sighting, EventDetails.IsMove(recorded.Event));
            table.AddRow(
                Tables.Cell(recorded.Version),
                Tables.Cell(sighting.OccurredAt),
                Tables.Cell(moves && moved is { } before ? "+" + Tables.Text(sighting.OccurredAt - before) : ""),
                Tables.Cell(RunEventTypes.Of(recorded.Event).Name),
                Tables.Cell(sighting.Evidence == Evidence.Seen ? "seen" : "inferred"),
                Tables.Cell(sighting.ObservedAt),
                Tables.Cell(Tables.Text(sighting.ObservedAt - sighting.OccurredAt)),
                Tables.Cell(sighting.Source),
                Tables.Cell(EventDetails.Of(recorded.Event)));
            if (moves) moved = sighting.OccurredAt;
        }
        return table;
    }
}
