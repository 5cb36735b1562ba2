using Microsoft.Extensions.DependencyInjection.Extensions;

namespace RunLedger.Host.Replay;

/// <summary>Adds the care for views to a host.</summary>
public static class ReplaySetup
{
    /// <summary>Rebuilds and verifies views in the background. The container gives a <see cref="Postgres.Ledger"/> and logging.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="configuration">The settings, with <c>Usage</c> and <c>Projections</c>.</param>
    /// <exception cref="InvalidOperationException">A setting cannot be read; the message names it.</exception>
    public static IServiceCollection AddReplay(this IServiceCollection services, IConfiguration configuration)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(UsageOptions.Read(configuration));
        services.AddSingleton(ProjectionOptions.Read(configuration));
        services.TryAddSingleton<RebuildRequests>();
        return services.AddHostedService<ProjectionService>();
    }
}
