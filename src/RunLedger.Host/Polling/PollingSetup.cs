using Microsoft.Extensions.DependencyInjection.Extensions;
using RunLedger.Host.Polling.Queue;
using RunLedger.Postgres;

namespace RunLedger.Host.Polling;

/// <summary>Adds the poller to a host.</summary>
public static class PollingSetup
{
    /// <summary>The name of Wolverine as the scheduler of polls.</summary>
    public const string Wolverine = "wolverine";

    /// <summary>The name of the host's own service as the scheduler of polls.</summary>
    public const string Host = "host";

    /// <summary>Follows the runs of the upstreams in the settings. The container gives a <see cref="Ledger"/> and logging.</summary>
    /// <param name="builder">The host.</param>
    /// <param name="ledger">The ledger.</param>
    /// <param name="configuration">The settings, with <c>Upstreams</c> and <c>Polling</c>.</param>
    /// <exception cref="InvalidOperationException">The settings are wrong; the message names each that is.</exception>
    public static void AddPolling(this IHostApplicationBuilder builder, Ledger ledger, IConfiguration configuration)
    {
        var options = PollingOptions.Read(configuration);
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.TryAddSingleton(ledger);
        builder.Services.AddSingleton(options);
        builder.Services.AddSingleton<Watches>();
        builder.Services.AddSingleton<Upstreams>();
        if (options.Upstreams.Count == 0) return;
        if (options.Scheduler == Wolverine) PollQueue.AddTo(builder, ledger, options);
        else builder.Services.AddHostedService<PollingService>();
    }
}
