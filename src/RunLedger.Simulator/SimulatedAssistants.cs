using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using RunLedger.Simulator.Api;

namespace RunLedger.Simulator;

/// <summary>A simulated assistants service that listens on loopback over HTTP until it is disposed.</summary>
public sealed class SimulatedAssistants : IAsyncDisposable
{
    private readonly WebApplication _server;

    private SimulatedAssistants(WebApplication server, Simulation simulation)
    {
        _server = server;
        Simulation = simulation;
        var features = server.Services.GetRequiredService<IServer>().Features;
        BaseAddress = new Uri(new Uri(features.GetRequiredFeature<IServerAddressesFeature>().Addresses.Single()), "/v1");
    }

    /// <summary>Where the API is, e.g. <c>http://127.0.0.1:40123/v1</c>, without a slash at its end.</summary>
    public Uri BaseAddress { get; }

    /// <summary>The threads and runs behind the API, its counters and its faults.</summary>
    public Simulation Simulation { get; }

    /// <summary>What the service is like.</summary>
    public SimulatorOptions Options => Simulation.Options;

    /// <summary>Starts a service; requests are answered when this returns.</summary>
    /// <param name="options">What it is like; the defaults when null.</param>
    /// <param name="cancellationToken">Gives up starting.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    /// <exception cref="IOException">The port is taken.</exception>
    public static async Task<SimulatedAssistants> StartAsync(
        SimulatorOptions? options = null, CancellationToken cancellationToken = default)
    {
        var simulation = new Simulation(options ?? new SimulatorOptions());
        var server = Build(simulation);
        try
        {
            await server.StartAsync(cancellationToken);
            return new SimulatedAssistants(server, simulation);
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Stops listening. Requests under way are given a second; hanging ones are dropped at once.</summary>
    public async ValueTask DisposeAsync()
    {
        await _server.StopAsync(CancellationToken.None);
        await _server.DisposeAsync();
    }

    private static WebApplication Build(Simulation simulation)
    {
        // An empty builder reads no environment, no settings file and no console: several servers live in one process with the
        // program that they are a part of, and none of its settings are meant for them.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, simulation.Options.Port));
        builder.Services.AddRoutingCore();
        builder.Services.AddSingleton<IHostLifetime, LifetimeOfItsOwner>();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(1));
        var server = builder.Build();
        server.MapAssistantsApi(simulation);
        return server;
    }

    /// <summary>Leaves Ctrl+C and SIGTERM to the program: the console lifetime, the default, would take them.</summary>
    private sealed class LifetimeOfItsOwner : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
