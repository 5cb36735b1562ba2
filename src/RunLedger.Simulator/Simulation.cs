using System.Text.Json;
using RunLedger.Simulator.Api;
using RunLedger.Simulator.Faults;
using RunLedger.Simulator.Runs;
using RunLedger.Simulator.Scenarios;

namespace RunLedger.Simulator;

/// <summary>The threads and runs of one simulated service. Safe to use from any number of threads at once.</summary>
public sealed class Simulation
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, SimulatedThread> _threads = [];
    private readonly Dictionary<string, SimulatedRun> _runs = [];
    private long _requests;
    private long _faulty;
    private volatile FaultOptions _faults;

    /// <summary>An empty service.</summary>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public Simulation(SimulatorOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        Options = options;
        _faults = options.Faults;
    }

    /// <summary>What this service is like.</summary>
    public SimulatorOptions Options { get; }

    /// <summary>The faults that requests meet from now on.</summary>
    /// <exception cref="ArgumentException">A probability is out of its range.</exception>
    public FaultOptions Faults
    {
        get => _faults;
        set
        {
            ArgumentNullException.ThrowIfNull(value);
            value.Validate();
            _faults = value;
        }
    }

    /// <summary>How much was asked of the service so far.</summary>
    public SimulatorCounters Counters
    {
        get
        {
            lock (_gate)
            {
                return new SimulatorCounters(Interlocked.Read(ref _requests), Interlocked.Read(ref _faulty), _threads.Count, _runs.Count);
            }
        }
    }

    private DateTimeOffset Now => Options.Time.GetUtcNow();

    /// <summary>How many runs are in each status now, by the API's name of it.</summary>
    public IReadOnlyDictionary<string, int> CountRunsByStatus()
    {
        lock (_gate)
        {
            return _runs.Values.CountBy(run => run.Timeline.At(Now).Status.ApiName()).ToDictionary();
        }
    }

    /// <summary>Counts a request and draws the fault that it meets.</summary>
    internal (long Ordinal, Fault Fault) Receive()
    {
        var ordinal = Interlocked.Increment(ref _requests);
        var fault = _faults.Draw(new SeededRandom(Options.Seed, "request", ordinal));
        if (fault != Fault.None)
        {
            Interlocked.Increment(ref _faulty);
        }

        return (ordinal, fault);
    }

    internal SimulatedThread CreateThread(JsonElement metadata, JsonElement toolResources)
    {
        lock (_gate)
        {
            var id = new SeededRandom(Options.Seed, "thread", _threads.Count).Id("thread");
            return _threads[id] = new SimulatedThread(id, Now, metadata, toolResources);
        }
    }

    /// <exception cref="ApiException">404.</exception>
    internal SimulatedThread FindThread(string threadId)
    {
        lock (_gate)
        {
            return _threads.GetValueOrDefault(threadId) ?? throw ApiException.NotFound("thread", threadId);
        }
    }

    /// <exception cref="ApiException">400: the forced scenario is none, or needs function tools that the run has not.</exception>
    internal RunSnapshot CreateRun(SimulatedThread thread, RunConfiguration configuration, JsonElement metadata)
    {
        lock (_gate)
        {
            var random = new SeededRandom(Options.Seed, "run", _runs.Count);
            var id = random.Id("run");
            var plan = RunPlan.Draw(ChooseScenario(configuration, metadata, random), configuration, random);
            var timeline = new RunTimeline(plan, Options.Speed, Now, Now + (Options.ExpiresAfter / Options.Speed));
            thread.RunIds.Add(id);
            return Snapshot(_runs[id] = new SimulatedRun(id, thread.Id, configuration, metadata, timeline), timeline.CreatedAt);
        }
    }

    /// <exception cref="ApiException">404.</exception>
    internal RunSnapshot FindRun(string threadId, string runId)
    {
        lock (_gate)
        {
            return Snapshot(Find(threadId, runId), Now);
        }
    }

    /// <summary>A thread's runs in the order of their creation.</summary>
    /// <exception cref="ApiException">404.</exception>
    internal IReadOnlyList<RunSnapshot> FindRuns(string threadId)
    {
        lock (_gate)
        {
            var now = Now;
            return [.. FindThread(threadId).RunIds.Select(id => Snapshot(_runs[id], now))];
        }
    }

    /// <summary>Carries a client's action out on a run: one at a time, decided on the state in which it finds the run.</summary>
    /// <exception cref="ApiException">404, or what <paramref name="action"/> refuses with.</exception>
    internal RunSnapshot Act(string threadId, string runId, Func<RunSnapshot, DateTimeOffset, SimulatedRun> action)
    {
        lock (_gate)
        {
            var now = Now;
            return Snapshot(_runs[runId] = action(Snapshot(Find(threadId, runId), now), now), now);
        }
    }

    private static RunSnapshot Snapshot(SimulatedRun run, DateTimeOffset time) => new(run, run.Timeline.At(time));

    private SimulatedRun Find(string threadId, string runId)
    {
        FindThread(threadId);
        return _runs.GetValueOrDefault(runId) is { } run && run.ThreadId == threadId ? run : throw ApiException.NotFound("run", runId);
    }

    private Scenario ChooseScenario(RunConfiguration configuration, JsonElement metadata, SeededRandom random)
    {
        var drawn = ScenarioWeights.Draw(Options.Scenarios, random);
        if (!metadata.TryGetProperty(ForcedScenario.Key, out var name))
        {
            return drawn;
        }

        var candidates = ForcedScenario.Find(name.GetString()!)
            ?? throw ApiException.BadValue($"metadata.{ForcedScenario.Key}", name.GetString()!, string.Join(", ", ForcedScenario.Names));
        var forced = random.Pick(candidates);
        return forced.CallsTools() && configuration.Functions.Count == 0
            ? throw ApiException.BadRequest("The run has no function to call.", $"metadata.{ForcedScenario.Key}", "invalid_value")
            : forced;
    }
}

/// <summary>How much was asked of a simulated service.</summary>
/// <param name="Requests">Requests received, faulty ones among them.</param>
/// <param name="Faults">Requests that met an injected fault.</param>
/// <param name="Threads">Threads created.</param>
/// <param name="Runs">Runs created.</param>
public sealed record SimulatorCounters(long Requests, long Faults, int Threads, int Runs);
