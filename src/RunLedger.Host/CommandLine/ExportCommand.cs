using System.CommandLine;
using System.Globalization;
using RunLedger.Domain.Observations;
using RunLedger.Host.CommandLine.Exporting;

namespace RunLedger.Host.CommandLine;

/// <summary><c>export</c>: a tenant's runs as NDJSON that <c>import</c> takes back to an equal ledger.</summary>
internal static class ExportCommand
{
    private static readonly Option<string?> As = ChoiceOption.Create(
        "--as", "snapshots|events", "What the lines are: the observed snapshots, which is the default, or the events.", "snapshots", "events");

    private static readonly Option<string?> Output = new("--output", "-o")
    {
        Description = "The file to write; without it, or with -, stdout.",
        HelpName = "FILE",
    };

    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var command = new Command("export", "A tenant's runs as NDJSON, which import takes back to an equal ledger.") { As, Output };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        await using var open = await OpenLedger.OpenAsync(parsed, cancellationToken);
        var export = new LedgerExport(open.Ledger.Runs, open.Tenant, asEvents: parsed.GetValue(As) == "events");
        await ProgressLines.ShowAsync(() => Said(export), () => WriteAsync(export, parsed.GetValue(Output), cancellationToken));
        Terminal.Say($"Exported {Said(export)} of tenant {Printable.Line(open.Tenant.Value)}.");

        var others = (await open.Ledger.Runs.TenantsAsync(cancellationToken)).Count(tenant => tenant != open.Tenant);
        if (others > 0 && open.Tenant == TenantId.Default) Terminal.Say($"The ledger has runs of {others} other tenants: name one with --tenant.");
        return ExitCodes.Done;
    }

    private static async Task WriteAsync(LedgerExport export, string? path, CancellationToken cancellationToken)
    {
        if (path is null or "-")
        {
            await using var output = Console.OpenStandardOutput();
            await export.WriteAsync(output, cancellationToken);
            return;
        }
        await using var file = AtomicFile.Create(path);
        await export.WriteAsync(file.Stream, cancellationToken);
        await file.KeepAsync(cancellationToken);
    }

    private static string Said(LedgerExport export) =>
        string.Create(CultureInfo.InvariantCulture, $"{export.Runs:#,0} runs in {export.Lines:#,0} lines, {Sizes.Text(export.Bytes)}");
}
