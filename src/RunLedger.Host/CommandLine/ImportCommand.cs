using System.CommandLine;
using System.Globalization;
using RunLedger.Domain.Capture;
using RunLedger.Host.Capture;
using RunLedger.Host.CommandLine.Importing;
using RunLedger.Postgres.Recording;

namespace RunLedger.Host.CommandLine;

/// <summary>
/// <c>import FILE… | -</c>: records observations from files. What is committed stays when it is interrupted, and it is safe to run again.
/// </summary>
internal static class ImportCommand
{
    private const int MostReasonsShown = 10;
    private const int MostPlacesShown = 20;
    private const int LongestReason = 160;

    private static readonly CaptureOptions Options = new("import") { AllowExchanges = true };

    // Observations of a run mostly stand close together in a file, and a file may be larger than memory.
    private static readonly ImportLimits Limits = new() { ItemsInChunk = 2_000, BytesInChunk = 4 * 1024 * 1024 };
    private static readonly RecorderOptions Recording = new() { Lanes = 2, CacheBytes = 16 * 1024 * 1024 };

    private static readonly Argument<string[]> Files = new("FILE")
    {
        Description = "NDJSON, JSON arrays, list objects, recordings (one HTTP exchange a line) or exports, also compressed with gzip; - is stdin.",
        Arity = ArgumentArity.OneOrMore,
    };

    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var command = new Command("import", "Records observations from files. Safe to run again. Exit code 1 if anything went to quarantine.")
        {
            Files, CommonOptions.Json,
        };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var files = parsed.GetRequiredValue(Files);
        var size = ImportFile.TotalSize(files);
        await using var open = await OpenLedger.OpenAsync(parsed, cancellationToken, Recording);
        var tally = new ImportTally();
        var progress = new ImportProgress(size, tally);
        try
        {
            await progress.ShowAsync(() => ImportAsync(open, files, tally, progress, cancellationToken));
        }
        catch (OperationCanceledException)
        {
            Terminal.Say($"runledger: interrupted after {Counted.Text(tally.Counts)}. What is recorded stays; run it again to go on.");
            throw;
        }
        catch when (tally.Counts.Total > 0)
        {
            Answer(parsed, tally, progress.Elapsed);
            throw;
        }
        Answer(parsed, tally, progress.Elapsed);
        return tally.Counts.Quarantined > 0 || tally.Broken.Count > 0 ? ExitCodes.Problem : ExitCodes.Done;
    }

    private static async Task ImportAsync(OpenLedger open, string[] files, ImportTally tally, ImportProgress progress, CancellationToken cancellationToken)
    {
        var intake = new ObservationIntake(open.Ledger, TimeProvider.System);
        long before = 0;
        foreach (var path in files)
        {
            try
            {
                await using var file = await ImportFile.OpenAsync(path, cancellationToken);
                await foreach (var chunk in intake.ImportAsync(open.Tenant, file.Items, Options, Limits, cancellationToken, file.Path))
                {
                    tally.Add(file.Name, chunk);
                    progress.Report(before + (file.BytesRead ?? 0));
                }
                before += file.BytesRead ?? 0;
            }
            catch (InvalidDataException unreadable)
            {
                throw new ProblemException($"{ImportFile.NameOf(path)} cannot be unpacked, after {tally.Counts.Total} items: {unreadable.Message}");
            }
        }
    }

    private static void Answer(ParseResult parsed, ImportTally tally, TimeSpan elapsed)
    {
        if (parsed.GetValue(CommonOptions.Json)) JsonAnswer.Write(AnswerOf(tally, elapsed), CommandJson.Default.ImportAnswer);
        else Summarise(tally, elapsed);
        SayWhatIsWrong(tally);
    }

    private static ImportAnswer AnswerOf(ImportTally tally, TimeSpan elapsed) => new(
        tally.Counts.Recorded, tally.Counts.Unchanged, tally.Counts.Late, tally.Counts.Quarantined, tally.Counts.Skipped, tally.Counts.Total,
        Math.Round(elapsed.TotalSeconds, 3), [.. tally.Quarantined], [.. tally.Skipped], tally.Broken,
        tally.QuarantinedItems);

    private static void Summarise(ImportTally tally, TimeSpan elapsed)
    {
        var total = tally.Counts.Total.ToString("#,0", CultureInfo.InvariantCulture);
        Terminal.Print($"{total} items in {Tables.Text(elapsed)}: {Counted.Text(tally.Counts)}.");
        Explain("quarantined", tally.Quarantined);
        Explain("skipped", tally.Skipped);
    }

    private static void Explain(string outcome, IEnumerable<ImportReason> reasons)
    {
        var all = reasons.ToList();
        foreach (var (reason, count, first) in all.Take(MostReasonsShown))
            Terminal.Print(string.Create(
                CultureInfo.InvariantCulture, $"  {outcome} {count:#,0}: {Printable.Line(reason, LongestReason)} ({Printable.Line(first)})"));
        if (all.Count > MostReasonsShown) Terminal.Print($"  {outcome} for {all.Count - MostReasonsShown} more reasons");
    }

    private static void SayWhatIsWrong(ImportTally tally)
    {
        foreach (var broken in tally.Broken) Terminal.Say($"runledger: {broken}. What stands before it is recorded.");
        foreach (var (place, reason) in tally.QuarantinedItems.Take(MostPlacesShown))
            Terminal.Say($"runledger: quarantined {Printable.Line(place)}: {Printable.Line(reason, LongestReason)}");
        var more = tally.Counts.Quarantined - MostPlacesShown;
        if (more > 0) Terminal.Say(string.Create(CultureInfo.InvariantCulture, $"runledger: and {more:#,0} more"));
        if (tally.Counts.Quarantined > 0) Terminal.Say($"runledger: quarantined {tally.Counts.Quarantined}; see: runledger quarantine list");
    }
}
