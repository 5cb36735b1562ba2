using System.CommandLine;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using RunLedger.Host.CommandLine.Audit;
using RunLedger.Postgres.Embedded;

namespace RunLedger.Host.CommandLine;

/// <summary>
/// The program <c>runledger</c>: its commands, and what all of them do alike. Exit codes: 0 done, 1 it found or met a problem (said on stderr in
/// one line), 2 wrong usage, and 128 and the signal's number where a signal ended it.
/// </summary>
internal static class RunLedgerCommand
{
    /// <summary>Runs the command that the arguments name, and gives the process's exit code.</summary>
    public static async Task<int> RunAsync(IReadOnlyList<string> arguments)
    {
        using var interruption = new Interruption();
        ParseResult parsed;
        try
        {
            parsed = Create().Parse(arguments, new ParserConfiguration { ResponseFileTokenReplacer = null });
        }
        catch (Exception unreadable)
        {
            Terminal.Say($"runledger: the arguments cannot be read: {InOneLine(unreadable)}");
            return ExitCodes.WrongUsage;
        }
        return parsed.Action is ParseErrorAction ? SayWrongUsage(parsed) : await InvokeAsync(parsed, interruption);
    }

    private static async Task<int> InvokeAsync(ParseResult parsed, Interruption interruption)
    {
        try
        {
            var invocation = new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null };
            return await parsed.InvokeAsync(invocation, interruption.Token);
        }
        catch (OperationCanceledException) when (interruption.Token.IsCancellationRequested)
        {
            return interruption.ExitCode;
        }
        catch (WrongUsageException wrong)
        {
            Terminal.Say($"runledger: {wrong.Message}");
            return ExitCodes.WrongUsage;
        }
        catch (Exception problem)
        {
            Terminal.Say(parsed.GetValue(CommonOptions.Verbose) ? problem.ToString() : $"runledger: {InOneLine(problem)}");
            return ExitCodes.Problem;
        }
    }

    private static RootCommand Create()
    {
        var root = new RootCommand("The system of record for AI agent runs: what happened to a run, when that became known, and what it cost.")
        {
            DemoCommand.Create(), ServeCommand.Create(), ImportCommand.Create(), ExportCommand.Create(), RunsCommand.Create(), ShowCommand.Create(),
            HistoryCommand.Create(), EventsCommand.Create(), UsageCommand.Create(), PricesCommand.Create(), ProjectionsCommand.Create(),
            AuditCommand.Create(), QuarantineCommand.Create(),
        };
        root.HelpName = "runledger";
        foreach (var option in CommonOptions.All) root.Add(option);
        return root;
    }

    private static int SayWrongUsage(ParseResult parsed)
    {
        // Of an unknown word both are said: that it is unknown, and that there is no command. The last one is what is meant.
        var path = string.Join(' ', PathOf(parsed.CommandResult).Reverse());
        Terminal.Say($"runledger: {InOneLine(parsed.Errors[^1].Message)} See: {path} --help");
        return ExitCodes.WrongUsage;
    }

    private static IEnumerable<string> PathOf(CommandResult? command)
    {
        for (; command is not null; command = command.Parent as CommandResult) yield return command.Command is RootCommand ? "runledger" : command.Command.Name;
    }

    // Messages of the embedded server end with its log: the first line says what happened and where the log is.
    private static string InOneLine(Exception problem)
    {
        var text = problem is AggregateException { InnerExceptions: [var only] } ? only.Message : problem.Message;
        return problem is EmbeddedPostgresException ? Printable.Line(text.Split('\n')[0].Trim()) : InOneLine(text);
    }

    private static string InOneLine(string text) =>
        Printable.Line(string.Join(' ', text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)));
}
