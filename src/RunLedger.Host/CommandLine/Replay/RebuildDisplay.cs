using System.Globalization;
using RunLedger.Postgres.Replay;
using Spectre.Console;

namespace RunLedger.Host.CommandLine.Replay;

/// <summary>Shows on stderr how far a rebuild is: a bar with rate and time left in a terminal, else a line every few seconds.</summary>
internal sealed class RebuildDisplay
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(3);

    private RebuildProgress _last = new("", 0, 0, 0, TimeSpan.Zero);
    private TimeSpan _lastLine;
    private ProgressTask? _bar;

    /// <summary>Does the work, and shows how far it is.</summary>
    public Task ShowAsync(Func<Task> work)
    {
        if (!Terminal.ShowsProgress) return work();
        ProgressColumn[] columns = [new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(), new SpinnerColumn()];
        return Terminal.Error.Progress().AutoClear(true).Columns(columns).StartAsync(context =>
        {
            _bar = context.AddTask("Rebuilding", maxValue: 1);
            return work();
        });
    }

    /// <summary>Takes how far it is.</summary>
    public void Report(RebuildProgress progress)
    {
        _last = progress;
        if (_bar is not null)
        {
            _bar.Value = progress.Part;
            _bar.Description = Markup.Escape(Line(progress));
        }
        else if (!Terminal.ShowsProgress && progress.Elapsed - _lastLine >= Interval)
        {
            _lastLine = progress.Elapsed;
            Terminal.Say(Line(progress));
        }
    }

    /// <summary>What was done, in one line.</summary>
    public string Summary(IEnumerable<string> names) => string.Create(
        CultureInfo.InvariantCulture,
        $"Rebuilt {string.Join(" and ", names)} from {_last.Events:#,0} events in {Tables.Text(_last.Elapsed)}: {_last.Rate:#,0} a second.");

    /// <summary>What was done, for programs.</summary>
    public RebuiltAnswer Answer(IReadOnlyList<string> names) => new(names, _last.Events, Math.Round(_last.Elapsed.TotalSeconds, 3), Math.Round(_last.Rate, 1));

    /// <summary>How far a rebuild is, in one line.</summary>
    public static string Line(RebuildProgress progress)
    {
        var phase = progress.Phase.Replace('_', ' ');
        if (progress.Phase != "copying") return string.Create(CultureInfo.InvariantCulture, $"{phase}, {progress.Events:#,0} events read");
        var left = progress.TimeLeft is { } time ? $", {Tables.Text(time)} left" : "";
        return string.Create(CultureInfo.InvariantCulture, $"{phase}: {progress.Part * 100:0} %, {progress.Events:#,0} events, {progress.Rate:#,0} a second{left}");
    }
}
