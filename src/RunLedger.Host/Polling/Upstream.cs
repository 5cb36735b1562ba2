using RunLedger.Domain.Observations;
using RunLedger.Postgres.Polling;

namespace RunLedger.Host.Polling;

/// <summary>An upstream while it is polled: the way to it, its pace, and how it does.</summary>
public sealed class Upstream : IDisposable
{
    /// <summary>How many polls wait for a place at most, for each place that there is.</summary>
    internal const int Waiting = 3;

    private static readonly TimeSpan ShortestBreak = TimeSpan.FromMilliseconds(100);

    private readonly UpstreamOptions _options;
    private readonly UpstreamClient _client;
    private readonly Circuit _circuit;
    private readonly ILogger _logger;
    private readonly Lock _gate = new();
    private readonly Queue<TaskCompletionSource> _waiting = new();
    private int _active;

    /// <summary>An upstream of the settings.</summary>
    /// <param name="options">The settings.</param>
    /// <param name="seed">Where the randomness of pauses starts from.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="logger">Is told when the upstream goes down and up.</param>
    public Upstream(UpstreamOptions options, int seed, TimeProvider clock, ILogger logger)
    {
        _options = options;
        _logger = logger;
        _client = new UpstreamClient(options, clock);
        _circuit = new Circuit(Longer(options.PollInterval, ShortestBreak), Longer(options.LongestPause, ShortestBreak), clock);
        Pace = new Pace(options, new Random(seed));
        Tenant = new TenantId(options.Tenant);
    }

    /// <summary>The name that watches refer to.</summary>
    public string Name => _options.Name;

    /// <summary>The tenant that it is polled for.</summary>
    public TenantId Tenant { get; }

    /// <summary>When to poll next.</summary>
    public Pace Pace { get; }

    /// <summary>How long an answer may take.</summary>
    public TimeSpan RequestTimeout => _options.RequestTimeout;

    /// <summary>How many more polls may be begun.</summary>
    public int Room
    {
        get
        {
            lock (_gate) return _circuit.Room(_active, _options.MaxConcurrency);
        }
    }

    /// <summary>How long it is left alone from now, because it is down and no poll is under way that would tell; null if it is not.</summary>
    public TimeSpan? Break
    {
        get
        {
            lock (_gate) return _circuit.IsOpen && _active == 0 ? _circuit.Wait : null;
        }
    }

    /// <summary>Takes a place for a poll, if there is one.</summary>
    public bool TryEnter()
    {
        lock (_gate)
        {
            if (_circuit.Room(_active, _options.MaxConcurrency) <= 0) return false;
            _active++;
            return true;
        }
    }

    /// <summary>Takes a place for a poll, and waits for one if not too many do already.</summary>
    /// <returns>After how long to come again, because there is none; null if there was.</returns>
    public async Task<TimeSpan?> EnterAsync(CancellationToken cancellationToken)
    {
        TaskCompletionSource place;
        lock (_gate)
        {
            if (_circuit.Room(_active, _options.MaxConcurrency) > 0)
            {
                _active++;
                return null;
            }
            if (_circuit.IsOpen || _waiting.Count >= Waiting * _options.MaxConcurrency) return Later();
            place = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Enqueue(place);
        }
        await using var abandoned = cancellationToken.Register(() => place.TrySetCanceled(cancellationToken));
        await place.Task;
        lock (_gate)
        {
            if (!_circuit.IsOpen) return null;
        }
        Leave(); // It went down meanwhile.
        lock (_gate) return Later();
    }

    /// <summary>Gives the place of a poll back, to one that waits if any does.</summary>
    public void Leave()
    {
        lock (_gate)
        {
            while (_waiting.TryDequeue(out var next))
                if (next.TrySetResult()) return;
            _active--;
        }
    }

    /// <summary>Asks for what is at a path, once.</summary>
    public Task<UpstreamAnswer> AskAsync(string path, CancellationToken cancellationToken) => _client.GetAsync(path, cancellationToken);

    /// <summary>Takes note of how a poll went.</summary>
    public void Note(PollResult result)
    {
        lock (_gate)
        {
            if (result.UpstreamFailed)
            {
                if (_circuit.Failed(result.RetryAfter))
                    _logger.LogWarning("Upstream {Upstream} is down, it is asked less often until it is up again: {Reason}.", Name, result.Error);
            }
            else if (result.Outcome != PollOutcome.NotRecorded)
            {
                var down = _circuit.Down;
                if (_circuit.Succeeded()) _logger.LogInformation("Upstream {Upstream} is up again after {Down}.", Name, down);
            }
        }
    }

    /// <summary>Closes the connections.</summary>
    public void Dispose() => _client.Dispose();

    private TimeSpan Later() => Longer(Longer(_circuit.Wait, _options.PollInterval), ShortestBreak);

    private static TimeSpan Longer(TimeSpan one, TimeSpan other) => one > other ? one : other;
}
