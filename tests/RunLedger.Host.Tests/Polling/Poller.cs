using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using RunLedger.Domain.Observations;
using RunLedger.Host.Polling;
using RunLedger.Postgres;
using RunLedger.Postgres.Polling;
using RunLedger.Postgres.Recording;

namespace RunLedger.Host.Tests.Polling;

/// <summary>A host that does nothing but poll one upstream, on a ledger of its own connections.</summary>
internal sealed class Poller : IAsyncDisposable
{
    private readonly IHost _host;
    private readonly LoggedLines _log = new();

    private Poller(Ledger ledger, Dictionary<string, string?> settings)
    {
        Ledger = ledger;
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddInMemoryCollection(settings);
        builder.Logging.AddProvider(_log).AddFilter("Microsoft", LogLevel.Warning).AddFilter("Wolverine", LogLevel.Warning);
        builder.AddPolling(ledger, builder.Configuration);
        _host = builder.Build();
    }

    public Ledger Ledger { get; }

    public IEnumerable<string> Log => _log;

    private Watches Watches => _host.Services.GetRequiredService<Watches>();

    /// <summary>Starts a host.</summary>
    /// <param name="database">The ledger's database.</param>
    /// <param name="upstream">What it polls.</param>
    /// <param name="settings">What is other than usual; the scheduler is the host's own unless they name one.</param>
    public static async Task<Poller> StartAsync(string database, Uri upstream, params (string Key, string Value)[] settings)
    {
        Dictionary<string, string?> all = new()
        {
            ["Upstreams:0:name"] = "simulated",
            ["Upstreams:0:base_url"] = upstream.ToString(),
            ["Upstreams:0:poll_interval"] = "00:00:00.050",
            ["Upstreams:0:longest_interval"] = "00:00:00.300",
            ["Polling:lease"] = "00:00:01",
            ["Polling:scheduler"] = PollingSetup.Host,
        };
        foreach (var (key, value) in settings) all[key] = value;
        var ledger = await Ledger.OpenAsync(
            database, new RecorderOptions(), TimeProvider.System, NullLoggerFactory.Instance, CancellationToken.None);
        var poller = new Poller(ledger, all);
        await poller._host.StartAsync();
        return poller;
    }

    public Task<bool> WatchAsync(string thread, string? run) =>
        Watches.AddAsync(TenantId.Default, "simulated", thread, run, CancellationToken.None);

    public Task<bool> RemoveAsync(string thread, string run) =>
        Watches.RemoveAsync(new WatchKey(TenantId.Default, "simulated", thread, run), CancellationToken.None);

    public Task<IReadOnlyList<WatchView>> WatchedAsync() => Watches.ListAsync(TenantId.Default, null, 1_000, CancellationToken.None);

    public async Task<bool> IsDoneAsync() => (await WatchedAsync()).Count == 0;

    /// <summary>Stops as a host does that is told to.</summary>
    public Task StopAsync() => _host.StopAsync();

    /// <summary>Stops as a host does that is killed: no lease is given back. Only the host's own scheduler can do so.</summary>
    public void Kill() => _host.Services.GetServices<IHostedService>().OfType<PollingService>().Single().Dispose();

    public async ValueTask DisposeAsync()
    {
        if (_host is IAsyncDisposable host) await host.DisposeAsync();
        await Ledger.DisposeAsync();
    }
}
