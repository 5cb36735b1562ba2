using Microsoft.Extensions.DependencyInjection.Extensions;
using RunLedger.Postgres;

namespace RunLedger.Host.Polling;

/// <summary>Adds the poller to a host.</summary>
public static class PollingSetup
{
    /// <summary>Follows the runs of the upstreams in the settings. The container gives a <see cref="Ledger"/> and logging.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="configuration">The settings, with <c>Upstreams</c> and <c>Polling</c>.</param>
    /// <exception cref="InvalidOperationException">The settings are wrong; the message names each that is.</exception>
    public static IServiceCollection AddPolling(this IServiceCollection services, IConfiguration configuration)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(PollingOptions.Read(configuration));
        services.AddSingleton<Watches>();
        services.TryAddSingleton<IPollRecorder, DirectPollRecorder>();
        return services.AddHostedService<PollingService>();
    }
}
