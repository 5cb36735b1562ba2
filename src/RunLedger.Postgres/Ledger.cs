using Microsoft.Extensions.Logging;
using Npgsql;
using RunLedger.Postgres.Audit;
using RunLedger.Postgres.Feed;
using RunLedger.Postgres.Pricing;
using RunLedger.Postgres.Quarantine;
using RunLedger.Postgres.Recording;
using RunLedger.Postgres.Replay;
using RunLedger.Postgres.Runs;
using RunLedger.Postgres.Schema;
using RunLedger.Postgres.Usage;

namespace RunLedger.Postgres;

/// <summary>A ledger in one PostgreSQL database: what records observations, and what answers from them.</summary>
public sealed class Ledger : IAsyncDisposable
{
    // What two hosts read with fits into PostgreSQL's usual 100 connections, and leaves room for what they record with.
    private const int LargestPool = 40;

    // A batch sends the same few statements with arrays of any length: planning them anew costs as much as a dozen rows. What they look up they
    // find by key, however few rows there are when the plan is made.
    private const string RecordingSettings = "-c plan_cache_mode=force_generic_plan -c enable_seqscan=off -c jit=off";

    // Events are read in the order of their positions or of their streams, each by its index, however many there are; that may take hours.
    private const string ReplaySettings =
        "-c jit=off -c enable_seqscan=off -c enable_bitmapscan=off -c enable_hashjoin=off -c enable_mergejoin=off";

    private readonly NpgsqlDataSource _recording;
    private readonly NpgsqlDataSource _replay;
    private readonly IEngine _engine;
    private readonly string _connectionString;
    private readonly ILoggerFactory _loggers;

    private Ledger(
        string connectionString, NpgsqlDataSource dataSource, NpgsqlDataSource recording, NpgsqlDataSource replay, IEngine engine, ViewRegister views, RecorderOptions options, TimeProvider clock,
        ILoggerFactory loggers)
    {
        _connectionString = connectionString;
        _loggers = loggers;
        _recording = recording;
        _replay = replay;
        _engine = engine;
        DataSource = dataSource;
        Views = views;
        Feed = new EventFeed(dataSource, clock, loggers.CreateLogger<EventFeed>());
        Recorder = new ObservationRecorder(new AnnouncingEventStore(engine, Feed), views, options, clock, loggers.CreateLogger<ObservationRecorder>());
        Runs = new RunReader(dataSource);
        Prices = new PriceStore(dataSource);
        Usage = new UsageReader(dataSource, Prices, views);
        Quarantine = new QuarantineStore(dataSource);
        Projections = new Projections(replay, views, loggers.CreateLogger<Projections>());
        Audit = new AuditLog(replay);
    }

    /// <summary>The database.</summary>
    public NpgsqlDataSource DataSource { get; }

    /// <summary>What the views are derived by.</summary>
    public ViewRegister Views { get; }

    /// <summary>Records observations.</summary>
    public ObservationRecorder Recorder { get; }

    /// <summary>The events of a tenant as they are committed.</summary>
    public EventFeed Feed { get; }

    /// <summary>Reads runs, their histories and snapshots.</summary>
    public RunReader Runs { get; }

    /// <summary>What tokens cost.</summary>
    public PriceStore Prices { get; }

    /// <summary>Reports token usage.</summary>
    public UsageReader Usage { get; }

    /// <summary>The input that could not be recorded.</summary>
    public QuarantineStore Quarantine { get; }

    /// <summary>Rebuilds and verifies the views.</summary>
    public Projections Projections { get; }

    /// <summary>Seals events, and tells whether they are still what they were.</summary>
    public AuditLog Audit { get; }

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
    /// <param name="engine">Makes the engine, which the ledger then owns.</param>
    /// <param name="options">How observations are recorded.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="loggers">Where to log.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="NpgsqlException">The database cannot be reached, or the role may not create a schema.</exception>
    /// <exception cref="InvalidOperationException">The database is newer than this program.</exception>
    public static async Task<Ledger> OpenAsync(
        string connectionString, Func<NpgsqlDataSource, IEngine> engine, RecorderOptions options, TimeProvider clock, ILoggerFactory loggers,
        CancellationToken cancellationToken)
    {
        var dataSource = DataSourceOf(connectionString, "", loggers);
        var recording = DataSourceOf(RoomForBatches(connectionString), RecordingSettings, loggers, static source => source.UsePhysicalConnectionInitializer(
            static connection => TrustStreams(connection).ExecuteNonQuery(),
            static async connection => await TrustStreams(connection).ExecuteNonQueryAsync()));
        var replay = DataSourceOf(new NpgsqlConnectionStringBuilder(connectionString) { CommandTimeout = 0 }.ConnectionString, ReplaySettings, loggers);
        var store = engine(recording);
        try
        {
            await SchemaMigrator.MigrateAsync(dataSource, store.PrepareAsync, cancellationToken);
            var views = new ViewRegister(dataSource, options.Views);
            await views.AdoptIfEmptyAsync(cancellationToken);
            return new Ledger(connectionString, dataSource, recording, replay, store, views, options, clock, loggers);
        }
        catch
        {
            await store.DisposeAsync();
            await replay.DisposeAsync();
            await recording.DisposeAsync();
            await dataSource.DisposeAsync();
            throw;
        }
    }

    /// <summary>Whether the database takes appends; one that is a standby, or set to be read only, can only be read.</summary>
    /// <exception cref="NpgsqlException">The database cannot be reached.</exception>
    public async Task<bool> TakesAppendsAsync(CancellationToken cancellationToken)
    {
        await using var command = DataSource.CreateCommand(Sql.Text("Recording/takes_appends.sql"));
        await using var reader = await DataSource.ReadAsync(command, cancellationToken);
        return await reader.ReadAsync(cancellationToken) && reader.GetBoolean(0);
    }

    /// <summary>
    /// More connections to the ledger's database, whose commits are not waited for to be on disk: for what may be done once more after a crash of
    /// PostgreSQL. What is committed is seen by all at once, and survives this process. The caller disposes them.
    /// </summary>
    public NpgsqlDataSource ConnectWithoutFlush() => DataSourceOf(_connectionString, "-c synchronous_commit=off", _loggers);

    /// <summary>Records what has been handed in, and closes the connections.</summary>
    public async ValueTask DisposeAsync()
    {
        await Recorder.DisposeAsync();
        await Feed.DisposeAsync();
        await _engine.DisposeAsync();
        await _replay.DisposeAsync();
        await _recording.DisposeAsync();
        await DataSource.DisposeAsync();
    }

    // Planning costs small appends more than their flush: statements are prepared after their second use.
    private static NpgsqlDataSource DataSourceOf(
        string connectionString, string options, ILoggerFactory loggers, Action<NpgsqlDataSourceBuilder>? configure = null)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString) { Timezone = "UTC" };
        if (settings.MaxAutoPrepare == 0) settings.MaxAutoPrepare = 40;
        settings.AutoPrepareMinUsages = 2;
        if (!settings.ShouldSerialize("Maximum Pool Size")) settings.MaxPoolSize = LargestPool;
        settings.NoResetOnClose = true;
        settings.ApplicationName ??= "runledger";
        settings.Options = $"{settings.Options} {options}".Trim() is { Length: > 0 } all ? all : null;
        var builder = new NpgsqlDataSourceBuilder(settings.ConnectionString);
        builder.UseLoggerFactory(loggers);
        configure?.Invoke(builder);
        return builder.Build();
    }

    // A batch goes out in one piece; in Npgsql's pieces of 8 KB each is a system call, and wakes the server.
    private static string RoomForBatches(string connectionString)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString);
        settings.WriteBufferSize = Math.Max(settings.WriteBufferSize, 64 * 1024);
        return settings.ConnectionString;
    }

    private static NpgsqlCommand TrustStreams(NpgsqlConnection connection) => new(Sql.Text("Recording/trust_streams.sql"), connection);
}
