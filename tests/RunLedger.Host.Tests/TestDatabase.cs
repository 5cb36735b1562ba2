using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using RunLedger.Postgres;
using RunLedger.Postgres.Embedded;
using RunLedger.Postgres.Recording;

namespace RunLedger.Host.Tests;

/// <summary>
/// The PostgreSQL server that all tests of this assembly share. A test class is in <c>[Collection(TestDatabase.Collection)]</c>, and it or its
/// class fixture takes this as a constructor's parameter and asks for a database of its own.
/// </summary>
[CollectionDefinition(Collection)]
public sealed class TestDatabase : IAsyncLifetime, ICollectionFixture<TestDatabase>
{
    public const string Collection = "PostgreSQL";

    private static readonly EmbeddedPostgresOptions Small = new()
    {
        Settings = new Dictionary<string, string> { ["shared_buffers"] = "32MB", ["max_connections"] = "200" },
    };

    private EmbeddedPostgres _server = null!;
    private int _databases;

    /// <summary>The server itself.</summary>
    public EmbeddedPostgres Server => _server;

    /// <summary>Creates an empty database and gives its connection string.</summary>
    public Task<string> CreateAsync() =>
        _server.CreateDatabaseAsync(string.Create(CultureInfo.InvariantCulture, $"test_{Interlocked.Increment(ref _databases)}"));

    /// <summary>Opens a ledger in a new database.</summary>
    public async Task<Ledger> OpenLedgerAsync(RecorderOptions? options = null, TimeProvider? clock = null) =>
        await OpenLedgerAsync(await CreateAsync(), options, clock);

    /// <summary>Opens a ledger in a database.</summary>
    public static Task<Ledger> OpenLedgerAsync(string connectionString, RecorderOptions? options = null, TimeProvider? clock = null) => Ledger.OpenAsync(
        connectionString, options ?? new RecorderOptions(), clock ?? TimeProvider.System, NullLoggerFactory.Instance, CancellationToken.None);

    public async Task InitializeAsync() => _server = await EmbeddedPostgres.StartTemporaryAsync(Small);

    public async Task DisposeAsync() => await _server.DisposeAsync();
}
