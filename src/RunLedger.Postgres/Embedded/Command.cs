using System.ComponentModel;
using System.Diagnostics;

namespace RunLedger.Postgres.Embedded;

/// <summary>One finished run of another program.</summary>
internal sealed record CommandResult(int ExitCode, string Output, string Error)
{
    public bool Succeeded => ExitCode == 0;

    /// <summary>What the program said, errors first; for messages.</summary>
    public string Said => string.Join('\n', new[] { Error.Trim(), Output.Trim() }.Where(text => text.Length > 0));
}

/// <summary>Runs another program to its end.</summary>
internal static class Command
{
    /// <summary>Runs a program with arguments, as they are: no shell comes between.</summary>
    /// <exception cref="EmbeddedPostgresException">The program cannot be run at all.</exception>
    public static async Task<CommandResult> RunAsync(
        IReadOnlyList<string> commandLine, string input = "", CancellationToken cancellationToken = default)
    {
        using var process = Start(commandLine);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
            var error = process.StandardError.ReadToEndAsync(cancellationToken);
            await SendAsync(input, process.StandardInput, cancellationToken);
            await process.WaitForExitAsync(cancellationToken);
            return new CommandResult(process.ExitCode, await output, await error);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }

    private static async Task SendAsync(string input, StreamWriter writer, CancellationToken cancellationToken)
    {
        try
        {
            await using (writer)
                await writer.WriteAsync(input.AsMemory(), cancellationToken);
        }
        catch (IOException)
        {
            // The program ended without reading its input: its exit code and its message say why.
        }
    }

    private static Process Start(IReadOnlyList<string> commandLine)
    {
        var start = new ProcessStartInfo(commandLine[0], commandLine.Skip(1))
        {
            // PostgreSQL's programs want a directory that their user may read, which ours need not be.
            WorkingDirectory = "/",
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var name in start.Environment.Keys.Where(IsPostgresSetting).ToList())
            start.Environment.Remove(name);
        start.Environment["LC_ALL"] = "C";

        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception error)
        {
            throw new EmbeddedPostgresException($"{commandLine[0]} cannot be run: {error.Message}", error);
        }
    }

    // PGDATA, PGPORT, PGOPTIONS and the like speak of another server.
    private static bool IsPostgresSetting(string variable) => variable.StartsWith("PG", StringComparison.Ordinal);
}
