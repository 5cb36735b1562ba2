using System.Text;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection.Extensions;
using RunLedger.Host.Api.Keys;
using RunLedger.Host.Proxy.Copying;

namespace RunLedger.Host.Proxy;

/// <summary>Adds the recording proxy to a host that has the API.</summary>
public static class ProxySetup
{
    /// <summary>Adds what the proxy needs. Settings: the section <c>Proxy</c>.</summary>
    /// <param name="builder">The host.</param>
    /// <exception cref="InvalidOperationException">A setting is wrong; the message names it.</exception>
    public static void AddProxy(this WebApplicationBuilder builder)
    {
        var options = ProxyOptions.Read(builder.Configuration);
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddSingleton(options);
        builder.Services.AddSingleton(new CopyRoom(options.MostWaiting));
        builder.Services.AddSingleton<UnobservedTraffic>();
        builder.Services.AddSingleton<RecordTraffic>();
        builder.Services.AddSingleton<TrafficCopies>();
        builder.Services.AddSingleton<UpstreamConnection>();
        builder.Services.AddSingleton<ForwardRequest>();
        if (options.Upstream is null) return;
        builder.Services.AddHostedService(services => services.GetRequiredService<RecordTraffic>());
        // What an upstream's headers have beyond ASCII is read as Latin-1, and so gets through byte for byte.
        builder.Services.Configure<KestrelServerOptions>(kestrel => kestrel.ResponseHeaderEncodingSelector = _ => Encoding.Latin1);
    }

    /// <summary>Maps the proxy. The API's description leaves it out: what it takes and answers is the upstream's to describe.</summary>
    public static void MapProxy(this IEndpointRouteBuilder routes)
    {
        var forward = routes.ServiceProvider.GetRequiredService<ForwardRequest>();
        routes.Map(ProxyTarget.Prefix + "/{**path}", forward.ForwardAsync).RequireScope(Scopes.Observe, byApiKeyAlone: true).ExcludeFromDescription();
    }
}
