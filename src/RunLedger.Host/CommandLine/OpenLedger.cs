using System.CommandLine;
using RunLedger.Domain.Observations;
using RunLedger.Host.Engines;
using RunLedger.Postgres;
using RunLedger.Postgres.Embedded;
using RunLedger.Postgres.Recording;

namespace RunLedger.Host.CommandLine;

/// <summary>The ledger that a command works on, with the embedded PostgreSQL under it where no connection is given.</summary>
internal sealed class OpenLedger : IAsyncDisposable
{
    private readonly EmbeddedPostgres? _server;
    private readonly ILoggerFactory _loggers;

    private OpenLedger(Settings settings, ILoggerFactory loggers, EmbeddedPostgres? server, Ledger ledger)
    {
        Settings = settings;
        _loggers = loggers;
        _server = server;
        Ledger = ledger;
    }

    /// <summary>The ledger.</summary>
    public Ledger Ledger { get; }

    /// <summary>The settings that it was opened by.</summary>
    public Settings Settings { get; }

    /// <summary>The tenant that the command works on.</summary>
    public TenantId Tenant => Settings.Tenant;

    /// <summary>Where the ledger is, for a reader; no password is in it.</summary>
    public string Place => _server is null ? Ledger.DataSource.ConnectionString : Settings.DataDirectory;

    /// <summary>The problem that a run is not in the ledger.</summary>
    public ProblemException NotFound(RunId run) => new(
        Tenant == TenantId.Default ? $"{run} is not in the ledger {Place}." : $"{run} is not in the ledger {Place} of tenant {Tenant}.");

    /// <summary>Opens the ledger that an invocation's settings name.</summary>
    public static Task<OpenLedger> OpenAsync(ParseResult parsed, CancellationToken cancellationToken, RecorderOptions? recording = null) =>
        OpenAsync(Settings.Of(parsed), StandardErrorLogging.Of(parsed), Engine.Npgsql, cancellationToken, recording);

    /// <summary>Opens a ledger.</summary>
    /// <param name="settings">Where it is.</param>
    /// <param name="loggers">Where to log; disposed together with the ledger.</param>
    /// <param name="engine">The engine to record with unless the settings name one.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <param name="recording">How observations are recorded; null for the usual.</param>
    public static async Task<OpenLedger> OpenAsync(
        Settings settings, ILoggerFactory loggers, string engine, CancellationToken cancellationToken, RecorderOptions? recording = null)
    {
        var make = Engine.Of(settings.Engine ?? engine);
        var server = settings.Connection is null
            ? await EmbeddedPostgres.StartAsync(settings.DataDirectory, logger: loggers.CreateLogger<EmbeddedPostgres>(), cancellationToken: cancellationToken)
            : null;
        try
        {
            var connection = settings.Connection ?? server!.ConnectionString;
            var ledger = await Ledger.OpenAsync(connection, make, recording ?? new RecorderOptions(), TimeProvider.System, loggers, cancellationToken);
            return new OpenLedger(settings, loggers, server, ledger);
        }
        catch
        {
            if (server is not null) await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Records what has been handed in, closes the connections, and stops the embedded PostgreSQL where this process owns it.</summary>
    public async ValueTask DisposeAsync()
    {
        await Ledger.DisposeAsync();
        if (_server is not null) await _server.DisposeAsync();
        _loggers.Dispose();
    }
}
