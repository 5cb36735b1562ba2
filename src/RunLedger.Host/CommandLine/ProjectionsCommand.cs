using System.CommandLine;
using System.Globalization;
using RunLedger.Host.Api.Http;
using RunLedger.Host.Api.Projections;
using RunLedger.Host.CommandLine.Replay;
using RunLedger.Host.Replay;
using RunLedger.Postgres.Replay;
using Spectre.Console;

namespace RunLedger.Host.CommandLine;

/// <summary><c>projections</c>: the views as projections of the events: how they are, made anew, compared with the events.</summary>
internal static class ProjectionsCommand
{
    private const int MostDifferencesInJson = 10_000;

    private static readonly Option<bool> Anyway = new("--anyway") { Description = "Rebuild even where less disk is free than that is expected to need." };

    /// <summary>Makes the command; without a word after it, it shows how the views are.</summary>
    public static Command Create()
    {
        var status = new Command("status", "How the views are, and how far a rebuild is.") { CommonOptions.Json };
        status.SetAction(StatusAsync);
        var rebuild = new Command("rebuild", "Makes views anew from all events, while they are read and written. Goes on where an interrupted one was.")
        {
            NamesOf(ArgumentArity.OneOrMore), Anyway, CommonOptions.Json,
        };
        rebuild.SetAction(RebuildAsync);
        var verify = new Command("verify", "Recomputes views from all events and names every difference; all views where none is named. Exit code 1 if there is one.")
        {
            NamesOf(ArgumentArity.ZeroOrMore), CommonOptions.Json,
        };
        verify.SetAction(VerifyAsync);
        var command = new Command("projections", "The views as projections of the events.") { status, rebuild, verify, CommonOptions.Json };
        command.SetAction(StatusAsync);
        return command;
    }

    private static Argument<string[]> NamesOf(ArgumentArity arity)
    {
        var names = new Argument<string[]>("NAME") { Description = "runs or usage.", Arity = arity };
        names.AcceptOnlyFromAmong(ViewNames.Runs, ViewNames.Usage);
        return names;
    }

    private static async Task<int> StatusAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        await using var open = await OpenLedger.OpenAsync(parsed, cancellationToken);
        var status = await open.Ledger.Projections.StatusAsync(cancellationToken);
        if (parsed.GetValue(CommonOptions.Json)) JsonAnswer.Write(ProjectionList.Of(status), ApiJson.Web.ProjectionList);
        else Show(status);
        return ExitCodes.Done;
    }

    private static void Show(ProjectionStatus status)
    {
        var table = Tables.Of("VIEW", "STATE", ">VERSION", "DIMENSIONS", "REBUILT", "VERIFIED", ">DIFFERENCES");
        foreach (var view in status.Views)
            table.AddRow(
                Tables.Cell(view.Name), Tables.Cell(view.State), Tables.Cell(view.Version), Tables.Cell(string.Join(", ", view.Dimensions)), Tables.Cell(view.RebuiltAt),
                Tables.Cell(view.VerifiedAt), Tables.Cell(view.Differences));
        Terminal.Print(table);
        if (status.Rebuild is not { } rebuild) return;
        var what = $"Rebuild {rebuild.Id} of {rebuild.Target}";
        Terminal.Print(rebuild.IsRunning
            ? $"{what}: {RebuildDisplay.Line(rebuild.Progress)}"
            : $"{what} was interrupted at {rebuild.Progress.Part.ToString("P0", CultureInfo.InvariantCulture)}, {rebuild.Phase}; rebuild the same again to go on. {rebuild.Failure}".TrimEnd());
    }

    private static async Task<int> RebuildAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        await using var open = await OpenLedger.OpenAsync(parsed, cancellationToken);
        var names = parsed.GetRequiredValue<string[]>("NAME").Distinct().ToList();
        var projections = open.Ledger.Projections;
        var target = await projections.TargetAsync(names, Dimensions(open.Settings), cancellationToken);
        var need = await projections.DiskNeedAsync(target, cancellationToken);
        if (need.IsShort && !parsed.GetValue(Anyway)) throw new ProblemException($"{DiskText.Of(target, need)} Make room, or rebuild with {Anyway.Name}.");
        Terminal.Say(DiskText.Of(target, need));

        var display = new RebuildDisplay();
        try
        {
            await display.ShowAsync(() => projections.RebuildAsync(target, display.Report, cancellationToken));
        }
        catch (OperationCanceledException)
        {
            Terminal.Say("runledger: interrupted. The views are as they were; rebuild the same again to go on.");
            throw;
        }
        if (parsed.GetValue(CommonOptions.Json)) JsonAnswer.Write(display.Answer(names), ReplayJson.Default.RebuiltAnswer);
        else Terminal.Print(display.Summary(names));
        return ExitCodes.Done;
    }

    private static async Task<int> VerifyAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        await using var open = await OpenLedger.OpenAsync(parsed, cancellationToken);
        var named = parsed.GetValue<string[]>("NAME") is { Length: > 0 } given ? given.Distinct().ToArray() : [ViewNames.Runs, ViewNames.Usage];
        var asJson = parsed.GetValue(CommonOptions.Json);
        var differences = new List<DifferenceAnswer>();
        var progress = new VerifyProgress(0, 0, 0, TimeSpan.Zero);
        Verification? verification = null;
        await ProgressLines.ShowAsync(
            () => string.Create(CultureInfo.InvariantCulture, $"{progress.Events:#,0} events of {progress.Runs:#,0} runs compared, {progress.Differences:#,0} differences"),
            async () => verification = await open.Ledger.Projections.VerifyAsync(
                named,
                difference =>
                {
                    if (!asJson) Terminal.Print(Printable.Line(difference.ToString()));
                    else if (differences.Count < MostDifferencesInJson) differences.Add(DifferenceAnswer.From(difference));
                },
                at => progress = at,
                cancellationToken));
        var (events, runs, count, elapsed) = verification!;
        if (asJson) JsonAnswer.Write(new VerificationAnswer(named, events, runs, count, Math.Round(elapsed.TotalSeconds, 3), differences), ReplayJson.Default.VerificationAnswer);
        else Terminal.Print(string.Create(
            CultureInfo.InvariantCulture, $"Compared {string.Join(" and ", named)} with {events:#,0} events of {runs:#,0} runs in {Tables.Text(elapsed)}: {count:#,0} differences."));
        return count == 0 ? ExitCodes.Done : ExitCodes.Problem;
    }

    private static System.Collections.Immutable.ImmutableArray<Domain.Usage.ConfiguredDimension>? Dimensions(Settings settings)
    {
        try
        {
            return UsageOptions.Read(settings.Configuration).Dimensions;
        }
        catch (InvalidOperationException wrong)
        {
            throw new WrongUsageException(wrong.Message);
        }
    }
}
