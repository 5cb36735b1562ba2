using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using RunLedger.Host.Api;
using RunLedger.Host.Api.Keys;
using RunLedger.Host.Polling;
using RunLedger.Host.Proxy;
using RunLedger.Host.Replay;
using RunLedger.Postgres;

namespace RunLedger.Host.CommandLine;

/// <summary>The API, the dashboard, the pollers and the recording proxy of one ledger, listening until they are disposed.</summary>
internal sealed class WebHost : IAsyncDisposable
{
    /// <summary>Where the host listens if nobody says otherwise.</summary>
    public const string DefaultUrls = "http://127.0.0.1:5177";

    private static readonly TimeSpan ShutdownLimit = TimeSpan.FromSeconds(15);

    private readonly WebApplication _application;

    private WebHost(WebApplication application) => _application = application;

    /// <summary>The services of the host.</summary>
    public IServiceProvider Services => _application.Services;

    /// <summary>Where the host listens; with ports that were chosen.</summary>
    public IReadOnlyList<string> Addresses =>
        [.. Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()?.Addresses ?? []];

    /// <summary>Checks the settings of a host, before anything is opened for it.</summary>
    /// <exception cref="WrongUsageException">It may not listen there, or another setting is wrong.</exception>
    public static void Check(IConfiguration configuration, string urls)
    {
        try
        {
            var keys = AccessKeys.Read(configuration);
            _ = ApiOptions.Read(configuration);
            _ = PollingOptions.Read(configuration);
            _ = ProxyOptions.Read(configuration);
            _ = UsageOptions.Read(configuration);
            _ = ProjectionOptions.Read(configuration);
            if (ListenPolicy.Check([urls], keys.AreConfigured) is { } refusal) throw new WrongUsageException(refusal);
        }
        catch (Exception wrong) when (wrong is InvalidOperationException or OptionsValidationException)
        {
            throw new WrongUsageException(wrong.Message);
        }
    }

    /// <summary>Starts a host; requests are answered when this returns.</summary>
    /// <param name="ledger">The ledger; disposed by who opened it, after the host.</param>
    /// <param name="configuration">All settings.</param>
    /// <param name="urls">Where to listen, with semicolons between.</param>
    /// <param name="loggers">Where to log.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    /// <exception cref="IOException">An address is taken.</exception>
    public static async Task<WebHost> StartAsync(
        Ledger ledger, IConfiguration configuration, string urls, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        var application = Build(ledger, configuration, urls, loggers);
        try
        {
            await application.StartAsync(cancellationToken);
            return new WebHost(application);
        }
        catch
        {
            await application.DisposeAsync();
            throw;
        }
    }

    /// <summary>Waits until the host is to end.</summary>
    /// <param name="cancellationToken">Tells when.</param>
    /// <exception cref="Exception">The failure of a part of the host, which ends the whole.</exception>
    public async Task WaitForEndAsync(CancellationToken cancellationToken)
    {
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var asked = cancellationToken.Register(() => ended.TrySetResult());
        await using var failed = _application.Lifetime.ApplicationStopping.Register(() => ended.TrySetResult());
        await ended.Task;
        if (cancellationToken.IsCancellationRequested) return;
        foreach (var part in Services.GetServices<IHostedService>().OfType<BackgroundService>())
            if (part.ExecuteTask is { IsFaulted: true } task) await task;
    }

    /// <summary>Stops listening, lets requests and polls that are under way finish, and ends.</summary>
    public async ValueTask DisposeAsync()
    {
        await _application.StopAsync(CancellationToken.None);
        await _application.DisposeAsync();
    }

    private static WebApplication Build(Ledger ledger, IConfiguration configuration, string urls, ILoggerFactory loggers)
    {
        // Nothing but our own settings is read: no ASPNETCORE_ variable moves the host to another address.
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Configuration.Sources.Clear();
        builder.Configuration.AddConfiguration(configuration);
        builder.Services.Replace(ServiceDescriptor.Singleton(loggers));
        builder.Services.AddSingleton<IHostLifetime, LifetimeOfTheCommand>();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = ShutdownLimit);
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.UseUrls(urls.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.AddServerHeader = false);
        // A request is read and decided on in microseconds, and waits for nothing but the database: handing it from thread to thread costs more.
        builder.WebHost.UseSockets(sockets =>
        {
            sockets.UnsafePreferInlineScheduling = true;
            sockets.WaitForDataBeforeAllocatingBuffer = false; // A buffer of 4 KB for each idle client is little; another system call for each request is not.
        });
        builder.AddLedgerApi(ledger);
        builder.AddPolling(ledger, configuration);
        builder.AddProxy();
        builder.Services.AddReplay(configuration);

        var application = builder.Build();
        application.UseLedgerApi();
        application.MapLedgerApi();
        application.MapWatches();
        application.MapProxy();
        application.Lifetime.ApplicationStopping.Register(ledger.Recorder.Hurry);
        return application;
    }

    /// <summary>Leaves signals to the command, and says nothing of its own.</summary>
    private sealed class LifetimeOfTheCommand : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
