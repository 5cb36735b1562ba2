using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace RunLedger.Postgres.Embedded;

/// <summary>
/// A private PostgreSQL server on a data directory, run from the binaries on this machine and reached through a socket that only the
/// server's user (and root) can open. Any number of processes may use one data directory: the first starts and owns the server, the others
/// attach to it. A server that dies is started again; one whose owner died is taken over by the next process, or by one that is attached.
/// </summary>
public sealed class EmbeddedPostgres : IAsyncDisposable
{
    // Npgsql's pools of this process and of a few others fit into max_connections.
    private const int LargestPool = 40;

    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(20);

    private readonly Cluster _cluster;
    private readonly bool _isTemporary;
    private readonly ServerSupervisor _supervisor;
    private int _disposed;

    private EmbeddedPostgres(Cluster cluster, ServerSupervisor supervisor, bool isTemporary)
    {
        _cluster = cluster;
        _supervisor = supervisor;
        _isTemporary = isTemporary;
    }

    /// <summary>Npgsql's connection string for the database <c>runledger</c>. It stays good when the server is restarted.</summary>
    public string ConnectionString => ConnectionStringFor(Cluster.Name);

    /// <summary>The id of the server's first process (the postmaster); another after a restart.</summary>
    public int ProcessId => _supervisor.Server.ProcessId;

    /// <summary>Whether this process owns the server: supervises it, and stops it on <see cref="DisposeAsync"/>.</summary>
    public bool IsOwner => _supervisor.IsOwner;

    /// <summary>The directory of the cluster: <c>postgres</c> in the data directory, unless the server's user may not go there.</summary>
    public string ClusterDirectory => _cluster.Place.Cluster;

    /// <summary>The server's log, <c>postgres.log</c> in the data directory.</summary>
    public string LogFile => _cluster.Place.LogFile;

    /// <summary>
    /// Makes the cluster in a data directory where there is none, starts its server or attaches to the running one, and returns when the
    /// database <c>runledger</c> can be used. Under root the server runs as the cluster's owner, at first <c>postgres</c> or <c>nobody</c>.
    /// </summary>
    /// <param name="dataDirectory">Made where it is missing.</param>
    /// <param name="options">How the server is run; null takes the defaults.</param>
    /// <param name="logger">Hears what is done, and of restarts.</param>
    /// <param name="cancellationToken">Ends the start, not the server once it is started.</param>
    /// <exception cref="PostgresNotFoundException">There are no binaries, or none of the cluster's version.</exception>
    /// <exception cref="EmbeddedPostgresException">The server cannot be started; the message ends with its log's last lines.</exception>
    /// <exception cref="ArgumentException">A name in <see cref="EmbeddedPostgresOptions.Settings"/> is not that of a setting.</exception>
    /// <exception cref="PlatformNotSupportedException">On Windows.</exception>
    public static async Task<EmbeddedPostgres> StartAsync(
        string dataDirectory,
        EmbeddedPostgresOptions? options = null,
        ILogger? logger = null,
        CancellationToken cancellationToken = default)
    {
        var place = await FindPlaceAsync(dataDirectory, logger, cancellationToken);
        return await StartAsync(place, options, logger, isTemporary: false, cancellationToken);
    }

    /// <summary>Starts a server on a new temporary directory, which <see cref="DisposeAsync"/> removes with all data. For tests.</summary>
    /// <inheritdoc cref="StartAsync(string, EmbeddedPostgresOptions?, ILogger?, CancellationToken)"/>
    public static async Task<EmbeddedPostgres> StartTemporaryAsync(
        EmbeddedPostgresOptions? options = null, ILogger? logger = null, CancellationToken cancellationToken = default)
    {
        // Not Directory.CreateTempSubdirectory: only its maker may enter, but the server may run as another user.
        var directory = Path.Combine(Path.GetTempPath(), $"runledger-temporary-{Guid.NewGuid():n}");
        var place = await FindPlaceAsync(directory, logger, cancellationToken);
        try
        {
            return await StartAsync(place, options, logger, isTemporary: true, cancellationToken);
        }
        catch
        {
            place.Remove();
            throw;
        }
    }

    /// <summary>The connection string for a database of this server.</summary>
    public string ConnectionStringFor(string database) => ConnectionStringFor(_cluster, database);

    /// <summary>Creates an empty database, unless there is one of that name, and gives its connection string.</summary>
    /// <exception cref="NpgsqlException">The server cannot be reached or refuses.</exception>
    public Task<string> CreateDatabaseAsync(string name, CancellationToken cancellationToken = default) =>
        CreateDatabaseAsync(_cluster, name, cancellationToken);

    /// <summary>
    /// Ends the supervision. The owner stops the server: running statements are cancelled, what is committed is kept. An attached process
    /// leaves it running.
    /// </summary>
    /// <exception cref="EmbeddedPostgresException">The server cannot be stopped.</exception>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;

        await _supervisor.DisposeAsync();
        if (_isTemporary)
            _cluster.Place.Remove();
    }

    private static Task<ClusterPlace> FindPlaceAsync(string dataDirectory, ILogger? logger, CancellationToken cancellationToken) =>
        OperatingSystem.IsWindows()
            ? throw new PlatformNotSupportedException("The embedded PostgreSQL needs a Unix system; connect to a server instead.")
            : ClusterPlace.FindAsync(dataDirectory, logger ?? NullLogger.Instance, cancellationToken);

    private static async Task<EmbeddedPostgres> StartAsync(
        ClusterPlace place, EmbeddedPostgresOptions? options, ILogger? logger, bool isTemporary, CancellationToken cancellationToken)
    {
        options ??= new EmbeddedPostgresOptions();
        logger ??= NullLogger.Instance;
        var cluster = new Cluster(place, options, logger);
        using var limit = new CancellationTokenSource(options.StartTimeout, options.TimeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            var supervisor = await OwnAsync(cluster, options, logger, either.Token)
                ?? await AttachOrOwnAsync(cluster, options, logger, either.Token);
            return new EmbeddedPostgres(cluster, supervisor, isTemporary);
        }
        catch (OperationCanceledException error) when (!cancellationToken.IsCancellationRequested)
        {
            throw new EmbeddedPostgresException(
                $"No server accepted connections on {cluster.SocketDirectory} within {options.StartTimeout}. "
                + $"The owner is or was {OwnerLock.Owner(cluster.Place)}. The end of the server's log, {cluster.Place.LogFile}:\n"
                + await ServerLog.TailAsync(cluster.Place.LogFile, from: 0, CancellationToken.None),
                error);
        }
    }

    private static async Task<ServerSupervisor?> OwnAsync(
        Cluster cluster, EmbeddedPostgresOptions options, ILogger logger, CancellationToken cancellationToken)
    {
        var owned = OwnerLock.TryTake(cluster.Place);
        if (owned is null)
            return null;
        try
        {
            var server = await cluster.OpenAsync(cancellationToken);
            await CreateDatabaseAsync(cluster, Cluster.Name, cancellationToken);
            return new ServerSupervisor(cluster, options, logger, server, owned);
        }
        catch
        {
            using (owned)
                await cluster.StopAsync(CancellationToken.None);
            throw;
        }
    }

    private static async Task<ServerSupervisor> AttachOrOwnAsync(
        Cluster cluster, EmbeddedPostgresOptions options, ILogger logger, CancellationToken cancellationToken)
    {
        logger.LogInformation(
            "Waiting for the PostgreSQL server of {Cluster}, which {Owner} runs", cluster.Place.Cluster, OwnerLock.Owner(cluster.Place));
        while (true)
        {
            if (Postmaster.Read(cluster.Place.Cluster) is { IsReady: true } server && await HasDatabaseAsync(cluster, cancellationToken))
                return new ServerSupervisor(cluster, options, logger, server, owned: null);
            if (await OwnAsync(cluster, options, logger, cancellationToken) is { } supervisor)
                return supervisor;
            await Task.Delay(PollInterval, options.TimeProvider, cancellationToken);
        }
    }

    private static async Task<bool> HasDatabaseAsync(Cluster cluster, CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = await ConnectAsync(cluster, Cluster.Name, cancellationToken);
            return true;
        }
        catch (NpgsqlException)
        {
            return false; // Starting, stopping, or its owner has not created the database yet: asked again until the limit.
        }
    }

    private static async Task<string> CreateDatabaseAsync(Cluster cluster, string name, CancellationToken cancellationToken)
    {
        await using var connection = await ConnectAsync(cluster, "postgres", cancellationToken);
        await using var statement = new NpgsqlCommand(Sql.Text("Embedded/create_database.sql"), connection)
        {
            Parameters = { new NpgsqlParameter<string> { TypedValue = name } },
        };
        if (await statement.ExecuteScalarAsync(cancellationToken) is string create)
        {
            await using var creation = new NpgsqlCommand(create, connection);
            await creation.ExecuteNonQueryAsync(cancellationToken);
        }

        return ConnectionStringFor(cluster, name);
    }

    private static async Task<NpgsqlConnection> ConnectAsync(Cluster cluster, string database, CancellationToken cancellationToken)
    {
        var settings = new NpgsqlConnectionStringBuilder(ConnectionStringFor(cluster, database)) { Pooling = false };
        var connection = new NpgsqlConnection(settings.ConnectionString);
        try
        {
            await connection.OpenAsync(cancellationToken);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    private static string ConnectionStringFor(Cluster cluster, string database) => new NpgsqlConnectionStringBuilder
    {
        Host = cluster.SocketDirectory,
        Port = SocketDirectories.Port,
        Username = Cluster.Name,
        Database = database,
        ApplicationName = Cluster.Name,
        MaxPoolSize = LargestPool,
        // A socket needs no encryption: asking for it costs a round trip for every connection.
        SslMode = SslMode.Disable,
        GssEncryptionMode = GssEncryptionMode.Disable,
        IncludeErrorDetail = true,
    }.ConnectionString;
}
