using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using RunLedger.Domain.Audit;
using RunLedger.Domain.Observations;
using RunLedger.Host.Api.Audit;
using RunLedger.Host.Api.Http;
using RunLedger.Postgres.Audit;

namespace RunLedger.Host.CommandLine.Audit;

/// <summary><c>audit</c>: seals a tenant's events, proves runs, and finds what is no more as it was.</summary>
internal static class AuditCommand
{
    private const int MostFindingsInJson = 10_000;

    private static readonly Argument<string> Run = new("RUN") { Description = "The run's id." };
    private static readonly Option<FileInfo[]> Checkpoints = new("--checkpoint")
    {
        Description = "A checkpoint that was kept, any number of times: the events that it seals must still be those.",
        HelpName = "FILE",
    };
    private static readonly Option<FileInfo?> Checkpoint = new("--checkpoint")
    {
        Description = "A checkpoint that was kept, against which to prove.",
        HelpName = "FILE",
    };
    private static readonly Option<FileInfo?> Proof = new("--proof") { Description = "Verify this proof instead, which needs no ledger.", HelpName = "FILE" };

    /// <summary>Makes the command; without a word after it, it says how far events are sealed.</summary>
    public static Command Create()
    {
        var verify = new Command("verify", "Compares all events with what was sealed, and with checkpoints. Exit code 1 if one is not as it was.")
        {
            Checkpoints, Proof, CommonOptions.Json,
        };
        verify.SetAction(VerifyAsync);
        var checkpoint = new Command("checkpoint", "Seals all events, and prints the checkpoint: keep it where those who can write the database cannot.")
        {
            CommonOptions.Json,
        };
        checkpoint.SetAction(CheckpointAsync);
        var proof = new Command("proof", "Prints the events of a run, and what proves without the ledger that a checkpoint seals them.")
        {
            Run, Checkpoint, CommonOptions.Json,
        };
        proof.SetAction(ProofAsync);
        var command = new Command("audit", "Whether the events are still what they were.") { verify, checkpoint, proof, CommonOptions.Json };
        command.SetAction(StatusAsync);
        return command;
    }

    private static async Task<int> StatusAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        await using var open = await OpenLedger.OpenAsync(parsed, cancellationToken);
        var status = await open.Ledger.Audit.StatusAsync(open.Tenant, cancellationToken);
        if (parsed.GetValue(CommonOptions.Json))
            JsonAnswer.Write(new SealStatusAnswer(open.Tenant.Value, status.Sealed, status.Position, status.Since), AuditJson.Default.SealStatusAnswer);
        else if (status.Sealed == 0) Terminal.Print(string.Create(CultureInfo.InvariantCulture, $"No event is sealed yet; there are {status.Since:#,0}."));
        else Terminal.Print(string.Create(
            CultureInfo.InvariantCulture, $"{status.Sealed:#,0} events are sealed, up to position {status.Position}; {status.Since:#,0} were recorded since."));
        return ExitCodes.Done;
    }

    private static async Task<int> CheckpointAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        await using var open = await OpenLedger.OpenAsync(parsed, cancellationToken);
        Checkpoint? checkpoint = null;
        var count = 0L;
        await ProgressLines.ShowAsync(
            () => string.Create(CultureInfo.InvariantCulture, $"{count:#,0} events sealed"),
            async () => checkpoint = await OrProblemAsync(() => open.Ledger.Audit.SealAsync(open.Tenant, size => count = size, cancellationToken)));
        JsonAnswer.Write(CheckpointAnswer.Of(checkpoint!), ApiJson.Web.CheckpointAnswer);
        return ExitCodes.Done;
    }

    private static async Task<int> ProofAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        await using var open = await OpenLedger.OpenAsync(parsed, cancellationToken);
        var run = new RunId(parsed.GetRequiredValue(Run));
        var kept = parsed.GetValue(Checkpoint) is { } file ? AuditFile.Checkpoint(file, open.Tenant) : null;
        var proof = await OrProblemAsync(() => ProveAsync(open, run, kept, cancellationToken)) ?? throw open.NotFound(run);
        if (kept is not null && kept != proof.Checkpoint) throw new ProblemException($"The first {kept.Size} events are not those that the checkpoint seals.");
        if (proof.Events.Count == 0) throw new ProblemException($"{run} was recorded after the checkpoint.");
        var json = JsonSerializer.SerializeToUtf8Bytes(ProofAnswer.Of(proof), ApiJson.Web.ProofAnswer);
        Terminal.Write(parsed.GetValue(CommonOptions.Json) ? json : IndentedJson.Of(json));
        return ExitCodes.Done;
    }

    private static async Task<RunProof?> ProveAsync(OpenLedger open, RunId run, Checkpoint? kept, CancellationToken cancellationToken)
    {
        try
        {
            return await open.Ledger.Audit.ProveAsync(open.Tenant, run, kept?.Size, cancellationToken);
        }
        catch (ArgumentOutOfRangeException) when (kept is not null)
        {
            throw new ProblemException($"The ledger has fewer events than the {kept.Size} that the checkpoint seals.");
        }
    }

    private static async Task<int> VerifyAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var findings = new List<string>();
        var asJson = parsed.GetValue(CommonOptions.Json);
        var found = (string what) =>
        {
            if (!asJson) Terminal.Print(Printable.Line(what));
            else if (findings.Count < MostFindingsInJson) findings.Add(what);
        };
        if (parsed.GetValue(Proof) is { } file) return VerifyProof(AuditFile.Proof(file), parsed, found, findings);

        await using var open = await OpenLedger.OpenAsync(parsed, cancellationToken);
        var kept = parsed.GetValue(Checkpoints)!.Select(checkpoint => AuditFile.Checkpoint(checkpoint, open.Tenant)).ToList();
        AuditVerification? verification = null;
        var count = 0L;
        await ProgressLines.ShowAsync(
            () => string.Create(CultureInfo.InvariantCulture, $"{count:#,0} events compared"),
            async () => verification = await open.Ledger.Audit.VerifyAsync(open.Tenant, kept, found, size => count = size, cancellationToken));
        var (events, wereSealed, contents, number, elapsed) = verification!;
        if (asJson) JsonAnswer.Write(
            new AuditAnswer(open.Tenant.Value, events, wereSealed, contents, number, Math.Round(elapsed.TotalSeconds, 3), findings), AuditJson.Default.AuditAnswer);
        else Terminal.Print(string.Create(
            CultureInfo.InvariantCulture,
            $"Compared {events:#,0} events, {wereSealed:#,0} of them sealed, {contents:#,0} large values, and {Number(kept.Count, "checkpoint")} "
                + $"in {Tables.Text(elapsed)}: {Number(number, "finding")}."));
        return number == 0 ? ExitCodes.Done : ExitCodes.Problem;
    }

    private static int VerifyProof(RunProof proof, ParseResult parsed, Action<string> found, List<string> findings)
    {
        var (run, checkpoint, count) = (Printable.Line(proof.Run.Value), proof.Checkpoint, proof.Events.Count);
        var defects = proof.Defects().ToList();
        foreach (var file in parsed.GetValue(Checkpoints)!)
            if (AuditFile.Checkpoint(file, null) != checkpoint) defects.Add($"It is not against the checkpoint in {file}.");
        foreach (var defect in defects) found(defect);
        if (parsed.GetValue(CommonOptions.Json))
            JsonAnswer.Write(new AuditAnswer(checkpoint.Tenant.Value, count, count, proof.Contents.Count, defects.Count, 0, findings), AuditJson.Default.AuditAnswer);
        else if (defects.Count == 0)
            Terminal.Print(string.Create(
                CultureInfo.InvariantCulture,
                $"{Number(count, "event")} of {run}, from the first on, sealed by the checkpoint of {Number(checkpoint.Size, "event")} with the root {checkpoint.Root}."));
        return defects.Count == 0 ? ExitCodes.Done : ExitCodes.Problem;
    }

    private static string Number(long count, string what) => string.Create(CultureInfo.InvariantCulture, $"{count:#,0} {what}{(count == 1 ? "" : "s")}");

    // What is told here is the finding, not a failure of the program.
    private static async Task<T> OrProblemAsync<T>(Func<Task<T>> work)
    {
        try
        {
            return await work();
        }
        catch (InvalidDataException broken)
        {
            throw new ProblemException(broken.Message);
        }
    }
}
