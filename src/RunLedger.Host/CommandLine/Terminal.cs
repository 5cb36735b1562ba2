using System.Text;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace RunLedger.Host.CommandLine;

/// <summary>Where a command writes: answers to stdout, and what it does meanwhile to stderr.</summary>
internal static class Terminal
{
    // Wide enough that no table wraps or cuts what a program is to read.
    private const int WidthOfPipes = 4_096;

    /// <summary>For answers. Plain text without colours where stdout is no terminal.</summary>
    public static IAnsiConsole Output { get; } = Create(Console.Out, Console.IsOutputRedirected);

    /// <summary>For progress. Plain text without colours where stderr is no terminal.</summary>
    public static IAnsiConsole Error { get; } = Create(Console.Error, Console.IsErrorRedirected);

    /// <summary>Whether someone looks at progress as it goes.</summary>
    public static bool ShowsProgress => !Console.IsErrorRedirected;

    /// <summary>
    /// Prints a table. One that is wider than the terminal goes on over the lines' ends without a frame, so that nothing in it is cut.
    /// </summary>
    public static void Print(Table table)
    {
        var width = ((IRenderable)table).Measure(RenderOptions.Create(Output, Output.Profile.Capabilities), WidthOfPipes).Max;
        if (width > Output.Profile.Width)
        {
            Output.Profile.Width = WidthOfPipes;
            table.Border = TableBorder.None;
        }
        Output.Write(table);
    }

    /// <summary>Prints a line of an answer.</summary>
    public static void Print(string line) => Console.Out.WriteLine(line);

    /// <summary>Whether a table on stdout can renew itself.</summary>
    public static bool ShowsLiveTables => !Console.IsOutputRedirected && Output.Profile.Capabilities.Interactive;

    /// <summary>Says something on stderr; a command goes on, and ends with its own exit code, where stderr is closed or nobody reads it.</summary>
    public static void Say(string line)
    {
        try
        {
            Console.Error.WriteLine(line);
        }
        catch (Exception unheard) when (unheard is IOException or UnauthorizedAccessException)
        {
            // There is no other place to say it.
        }
    }

    /// <summary>Writes bytes to stdout, which is how JSON keeps its very text.</summary>
    public static void Write(ReadOnlySpan<byte> utf8)
    {
        Console.Out.Flush();
        using var output = Console.OpenStandardOutput();
        output.Write(utf8);
        if (utf8.IsEmpty || utf8[^1] != (byte)'\n') output.Write("\n"u8);
    }

    private static IAnsiConsole Create(TextWriter writer, bool redirected)
    {
        if (!redirected) return AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(writer) });
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.No,
            ColorSystem = ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(writer),
        });
        console.Profile.Width = WidthOfPipes;
        console.Profile.Encoding = Encoding.UTF8;
        return console;
    }
}
