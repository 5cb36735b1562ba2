using System.Diagnostics;
using System.Globalization;
using Spectre.Console;

namespace RunLedger.Host.CommandLine.Importing;

/// <summary>Shows on stderr how far an import is: a bar with rate and time left in a terminal, else a line every few seconds.</summary>
internal sealed class ImportProgress(long? totalBytes, ImportTally tally)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(3);

    private readonly Stopwatch _watch = Stopwatch.StartNew();
    private TimeSpan _lastLine;
    private ProgressTask? _bar;

    /// <summary>The time since the import began.</summary>
    public TimeSpan Elapsed => _watch.Elapsed;

    /// <summary>Does the work, and shows how far it is.</summary>
    public Task ShowAsync(Func<Task> work)
    {
        if (!Terminal.ShowsProgress) return work();
        ProgressColumn[] columns =
        [
            new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(), new TransferSpeedColumn(),
            new RemainingTimeColumn(), new SpinnerColumn(),
        ];
        return Terminal.Error.Progress().AutoClear(true).Columns(columns).StartAsync(context =>
        {
            _bar = context.AddTask("Importing", maxValue: Math.Max(1, totalBytes ?? 1));
            _bar.IsIndeterminate = totalBytes is null;
            return work();
        });
    }

    /// <summary>Shows that so many bytes are read.</summary>
    public void Report(long bytes)
    {
        if (_bar is not null)
        {
            if (totalBytes is not null) _bar.Value = bytes;
            _bar.Description = string.Create(CultureInfo.InvariantCulture, $"{tally.Counts.Total:#,0} items");
        }
        else if (!Terminal.ShowsProgress && _watch.Elapsed - _lastLine >= Interval)
        {
            _lastLine = _watch.Elapsed;
            Terminal.Say(Line(bytes));
        }
    }

    private string Line(long bytes)
    {
        var seconds = _watch.Elapsed.TotalSeconds;
        var rate = string.Create(CultureInfo.InvariantCulture, $"{tally.Counts.Total:#,0} items, {tally.Counts.Total / seconds:#,0} a second");
        if (totalBytes is not > 0 || bytes == 0) return rate;
        var left = TimeSpan.FromSeconds((totalBytes.Value - bytes) * seconds / bytes);
        var part = string.Create(CultureInfo.InvariantCulture, $"{100.0 * bytes / totalBytes.Value:0} %");
        return $"{rate}; {Sizes.Text(bytes)} of {Sizes.Text(totalBytes.Value)} ({part}), {Sizes.Text(bytes / seconds)} a second, {Tables.Text(left)} left";
    }
}
