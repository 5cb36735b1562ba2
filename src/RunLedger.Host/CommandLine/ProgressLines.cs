using Spectre.Console;

namespace RunLedger.Host.CommandLine;

/// <summary>Shows on stderr how far work is: a line that renews itself in a terminal, else a line every few seconds.</summary>
internal static class ProgressLines
{
    private static readonly TimeSpan InTerminal = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan InPipe = TimeSpan.FromSeconds(5);

    /// <summary>Does the work, and shows how far it is.</summary>
    /// <param name="status">How far it is, in one line.</param>
    /// <param name="work">What to do.</param>
    public static Task ShowAsync(Func<string> status, Func<Task> work) => Terminal.ShowsProgress
        ? Terminal.Error.Status().StartAsync(Markup.Escape(status()), context => TickAsync(InTerminal, work(), () => context.Status = Markup.Escape(status())))
        : TickAsync(InPipe, work(), () => Terminal.Say(status()));

    private static async Task TickAsync(TimeSpan interval, Task work, Action tick)
    {
        while (await Task.WhenAny(work, Task.Delay(interval)) != work) tick();
        await work;
    }
}
