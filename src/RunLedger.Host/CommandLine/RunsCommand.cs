using System.CommandLine;
using RunLedger.Domain.Runs;
using RunLedger.Host.Api.Http;
using RunLedger.Host.Api.Runs;
using RunLedger.Postgres.Runs;
using Spectre.Console;

namespace RunLedger.Host.CommandLine;

/// <summary><c>runs</c>: the table of runs, newest first.</summary>
internal static class RunsCommand
{
    private static readonly Option<string?> Status = new("--status") { Description = "Only runs in this status, e.g. completed.", HelpName = "STATUS" };
    private static readonly Option<string?> Model = new("--model") { Description = "Only runs of this model.", HelpName = "MODEL" };
    private static readonly Option<string?> Assistant = new("--assistant") { Description = "Only runs of this assistant.", HelpName = "ID" };
    private static readonly Option<string?> Thread = new("--thread")
    {
        Description = "Only runs on this thread, or responses in this conversation.",
        HelpName = "ID",
    };
    private static readonly Option<string?> Kind = ChoiceOption.Create("--kind", "KIND", "Only thread.run or only response.", "thread.run", "response");
    private static readonly Option<Dictionary<string, string>?> Metadata = MetadataOption.Create();
    private static readonly Option<DateTimeOffset?> Since = TimeArgument.Option("--since", "Only runs created at this time or later.");
    private static readonly Option<DateTimeOffset?> Until = TimeArgument.Option("--until", "Only runs created before this time.");
    private static readonly Option<int> Limit = NumberOption.Create("--limit", "The most runs to list.", 50, 1_000_000);

    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var command = new Command("runs", "The table of runs, newest first.")
        {
            Status, Model, Assistant, Thread, Kind, Metadata, Since, Until, Limit, CommonOptions.Json,
        };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        await using var open = await OpenLedger.OpenAsync(parsed, cancellationToken);
        var page = await open.Ledger.Runs.ListAsync(open.Tenant, FilterOf(parsed), parsed.GetValue(Limit), null, cancellationToken);
        if (parsed.GetValue(CommonOptions.Json))
        {
            JsonAnswer.Write(new RunList([.. page.Runs.Select(RunAnswer.Of)], page.Next?.ToString()), ApiJson.Web.RunList);
            return ExitCodes.Done;
        }
        if (page.Runs.Count > 0) Terminal.Print(TableOf(page.Runs, TimeProvider.System.GetUtcNow()));
        if (page.Runs.Count == 0) Terminal.Say($"No such runs in {open.Place}.");
        if (page.Next is not null) Terminal.Say($"There are more than these {page.Runs.Count}: raise --limit, or narrow with --since and --until.");
        return ExitCodes.Done;
    }

    private static RunFilter FilterOf(ParseResult parsed) => new()
    {
        Status = parsed.GetValue(Status),
        Model = parsed.GetValue(Model),
        AssistantId = parsed.GetValue(Assistant),
        ThreadId = parsed.GetValue(Thread),
        Kind = parsed.GetValue(Kind),
        Metadata = parsed.GetValue(Metadata) ?? [],
        Since = parsed.GetValue(Since),
        Until = parsed.GetValue(Until),
    };

    private static Table TableOf(IReadOnlyList<RunView> runs, DateTimeOffset now)
    {
        var table = Tables.Of("RUN", "STATUS", "MODEL", "ASSISTANT", "THREAD", "CREATED", ">DURATION", ">TOKENS");
        foreach (var run in runs)
            table.AddRow(
                Tables.Cell(run.RunId), Tables.Status(run.Status), Tables.Cell(run.Model), Tables.Cell(run.AssistantId), Tables.Cell(run.ThreadId),
                Tables.Cell(run.CreatedAt), Tables.Cell(Tables.Text((run.EndedAt ?? now) - run.CreatedAt) + (run.EndedAt is null ? "…" : "")),
                Tables.Cell(run.Usage?.Total));
        return table;
    }
}
