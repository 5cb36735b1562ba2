using System.CommandLine;
using RunLedger.Domain.Json;
using RunLedger.Domain.Observations;

namespace RunLedger.Host.CommandLine;

/// <summary>
/// <c>show RUN</c>: the run as the API showed it, now or then. What is printed is the JSON that was observed, to the last digit and escape.
/// </summary>
internal static class ShowCommand
{
    private static readonly Argument<string> Run = new("RUN") { Description = "The run's id." };
    private static readonly Option<int?> At = NumberOption.Create("--at", "VERSION", "The run as the observation behind this version showed it.", int.MaxValue);
    private static readonly Option<DateTimeOffset?> AsOf = TimeArgument.Option("--as-of", "The run as it was at a time.");

    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var command = new Command("show", "The run as JSON, now or then.") { Run, At, AsOf, CommonOptions.Json };
        command.Validators.Add(result =>
        {
            if (result.GetResult(At) is not null && result.GetResult(AsOf) is not null) result.AddError("Give --at or --as-of, not both.");
        });
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        await using var open = await OpenLedger.OpenAsync(parsed, cancellationToken);
        var run = new RunId(parsed.GetRequiredValue(Run));
        var json = (await ReadAsync(open, run, parsed.GetValue(At), parsed.GetValue(AsOf), cancellationToken)).Minified();
        Terminal.Write(parsed.GetValue(CommonOptions.Json) ? json.Utf8.Span : IndentedJson.Of(json.Utf8.Span));
        return ExitCodes.Done;
    }

    private static async Task<JsonText> ReadAsync(OpenLedger open, RunId run, long? version, DateTimeOffset? asOf, CancellationToken cancellationToken)
    {
        var runs = open.Ledger.Runs;
        var view = await runs.FindAsync(open.Tenant, run, cancellationToken) ?? throw open.NotFound(run);
        if (version is { } at)
            return await runs.AtVersionAsync(open.Tenant, run, at, cancellationToken)
                ?? throw new ProblemException($"{run} has versions 1 to {view.Version}, not {at}.");
        if (asOf is { } time)
            return await runs.AsOfAsync(open.Tenant, run, time, cancellationToken)
                ?? throw new ProblemException($"{run} was first observed at {Tables.Text(view.FirstObservedAt)}, after {Tables.Text(time)}.");
        return await runs.CurrentAsync(open.Tenant, run, cancellationToken) ?? throw open.NotFound(run);
    }
}
