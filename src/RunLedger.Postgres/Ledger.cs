using Microsoft.Extensions.Logging;
using Npgsql;
using RunLedger.Postgres.Quarantine;
using RunLedger.Postgres.Recording;
using RunLedger.Postgres.Runs;
using RunLedger.Postgres.Schema;
using RunLedger.Postgres.Usage;

namespace RunLedger.Postgres;

/// <summary>A ledger in one PostgreSQL database: what records observations, and what answers from them.</summary>
public sealed class Ledger : IAsyncDisposable
{
    private Ledger(NpgsqlDataSource dataSource, IEventStore engine, RecorderOptions options, TimeProvider clock, ILoggerFactory loggers)
    {
        DataSource = dataSource;
        Recorder = new ObservationRecorder(engine, options, clock, loggers.CreateLogger<ObservationRecorder>());
        Runs = new RunReader(dataSource);
        Usage = new UsageReader(dataSource);
        Quarantine = new QuarantineStore(dataSource);
    }

    /// <summary>The database.</summary>
    public NpgsqlDataSource DataSource { get; }

    /// <summary>Records observations.</summary>
    public ObservationRecorder Recorder { get; }

    /// <summary>Reads runs, their histories and snapshots.</summary>
    public RunReader Runs { get; }

    /// <summary>Reports token usage.</summary>
    public UsageReader Usage { get; }

    /// <summary>The input that could not be recorded.</summary>
    public QuarantineStore Quarantine { get; }

    /// <summary>Opens a ledger on the Npgsql engine, and brings its schema up to date.</summary>
    /// <param name="connectionString">Npgsql's connection string.</param>
    /// <param name="options">How observations are recorded.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="loggers">Where to log.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="NpgsqlException">The database cannot be reached, or the role may not create a schema.</exception>
    /// <exception cref="InvalidOperationException">The database is newer than this program.</exception>
    public static Task<Ledger> OpenAsync(
        string connectionString, RecorderOptions options, TimeProvider clock, ILoggerFactory loggers, CancellationToken cancellationToken) =>
        OpenAsync(connectionString, static dataSource => new NpgsqlEventStore(dataSource), options, clock, loggers, cancellationToken);

    /// <summary>Opens a ledger on an engine, and brings its schema up to date.</summary>
    /// <param name="connectionString">Npgsql's connection string.</param>
    /// <param name="engine">Makes the engine, once the schema is there.</param>
    /// <param name="options">How observations are recorded.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="loggers">Where to log.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="NpgsqlException">The database cannot be reached, or the role may not create a schema.</exception>
    /// <exception cref="InvalidOperationException">The database is newer than this program.</exception>
    public static async Task<Ledger> OpenAsync(
        string connectionString, Func<NpgsqlDataSource, IEventStore> engine, RecorderOptions options, TimeProvider clock, ILoggerFactory loggers,
        CancellationToken cancellationToken)
    {
        var dataSource = DataSourceOf(connectionString, loggers);
        try
        {
            await SchemaMigrator.MigrateAsync(dataSource, cancellationToken);
            return new Ledger(dataSource, engine(dataSource), options, clock, loggers);
        }
        catch
        {
            await dataSource.DisposeAsync();
            throw;
        }
    }

    /// <summary>Records what has been handed in, and closes the connections.</summary>
    public async ValueTask DisposeAsync()
    {
        await Recorder.DisposeAsync();
        await DataSource.DisposeAsync();
    }

    // Planning costs small appends more than their flush: statements are prepared after their second use.
    private static NpgsqlDataSource DataSourceOf(string connectionString, ILoggerFactory loggers)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString) { Timezone = "UTC" };
        if (settings.MaxAutoPrepare == 0) settings.MaxAutoPrepare = 40;
        settings.AutoPrepareMinUsages = 2;
        settings.NoResetOnClose = true;
        settings.ApplicationName ??= "runledger";
        var builder = new NpgsqlDataSourceBuilder(settings.ConnectionString);
        builder.UseLoggerFactory(loggers);
        return builder.Build();
    }
}
