using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using RunLedger.Domain.Observations;
using RunLedger.Domain.Runs;
using RunLedger.Host.CommandLine;
using RunLedger.Postgres.Runs;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace RunLedger.Host.Demo;

/// <summary>
/// What the ledger knows of the demo's runs, shown while it goes on: a live table in a terminal, else a line every few seconds.
/// </summary>
internal sealed class DemoProgress(RunReader runs, TenantId tenant, DemoPlan plan)
{
    private const int RowsShown = 14;
    private const int WideEnough = 130;

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(400);
    private static readonly TimeSpan BetweenLines = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<string, string> _unfinished = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _finished = new(StringComparer.Ordinal);
    private readonly Stopwatch _watch = Stopwatch.StartNew();
    private TimeSpan _nextLine;
    private int _created;

    /// <summary>How many runs were created.</summary>
    public int Created => Volatile.Read(ref _created);

    /// <summary>How many of them have ended, as far as the ledger knows.</summary>
    public int Finished { get; private set; }

    /// <summary>Counts a run that was created and is watched.</summary>
    public void Add(string run)
    {
        _unfinished[run] = "watched";
        Interlocked.Increment(ref _created);
    }

    /// <summary>Shows what is known until the demo is over.</summary>
    /// <param name="isOver">Whether it is.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public Task ShowAsync(Func<bool> isOver, CancellationToken cancellationToken) => Terminal.ShowsLiveTables
        ? Terminal.Output.Live(new Text("")).AutoClear(true).StartAsync(context => LoopAsync(
            isOver,
            async () =>
            {
                context.UpdateTarget(await TableAsync(cancellationToken));
                context.Refresh();
            },
            cancellationToken))
        : LoopAsync(isOver, SayLine, cancellationToken);

    private async Task LoopAsync(Func<bool> isOver, Func<Task> show, CancellationToken cancellationToken)
    {
        while (true)
        {
            await LookAsync(cancellationToken);
            await show();
            if (isOver()) return;
            await Task.Delay(Interval, cancellationToken);
        }
    }

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        foreach (var run in _unfinished.Keys)
        {
            if (await runs.FindAsync(tenant, new RunId(run), cancellationToken) is not { } view) continue;
            _unfinished[run] = view.Status;
            if (!RunStatuses.IsTerminal(view.Status)) continue;
            _unfinished.TryRemove(run, out _);
            _finished[view.Status] = _finished.GetValueOrDefault(view.Status) + 1;
            Finished++;
        }
    }

    private Task SayLine()
    {
        if (_watch.Elapsed < _nextLine) return Task.CompletedTask;
        _nextLine = _watch.Elapsed + BetweenLines;
        Terminal.Say(Summary());
        return Task.CompletedTask;
    }

    private string Summary()
    {
        var counts = _unfinished.Values.CountBy(status => status).Concat(_finished).OrderByDescending(status => status.Value);
        var statuses = string.Concat(counts.Select(status => $", {status.Value} {status.Key}"));
        var wanted = plan.Runs is { } count ? $" of {count}" : "";
        return string.Create(
            CultureInfo.InvariantCulture, $"{Tables.Text(_watch.Elapsed)}: {Created}{wanted} runs created, {Finished} finished{statuses}");
    }

    private async Task<Table> TableAsync(CancellationToken cancellationToken)
    {
        var page = await runs.ListAsync(tenant, new RunFilter(), RowsShown, null, cancellationToken);
        var (now, isWide) = (TimeProvider.System.GetUtcNow(), Terminal.Output.Profile.Width >= WideEnough);
        string[] always = ["RUN", "STATUS", "MODEL", ">TOKENS"];
        var table = Tables.Of(isWide ? [.. always, "CREATED", ">DURATION", ">VERSION", ">TOOL CALLS"] : always);
        table.Caption = new TableTitle(Markup.Escape(Summary()));
        foreach (var run in page.Runs)
        {
            IRenderable[] cells = [Tables.Cell(run.RunId), Tables.Status(run.Status), Tables.Cell(run.Model), Tables.Cell(run.Usage?.Total)];
            var duration = Tables.Cell(Tables.Text((run.EndedAt ?? now) - run.CreatedAt));
            table.AddRow(isWide ? [.. cells, Tables.Cell(run.CreatedAt), duration, Tables.Cell(run.Version), Tables.Cell(run.ToolCalls)] : cells);
        }
        return table;
    }
}
