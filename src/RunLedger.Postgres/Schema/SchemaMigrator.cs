using System.Data;
using System.Globalization;
using Npgsql;

namespace RunLedger.Postgres.Schema;

/// <summary>
/// Brings a database's schema to the version that this program needs. A migration is a file <c>Schema/NNNN_name.sql</c>; each is applied once, in
/// order, in a transaction of its own. Hosts that start at once wait for each other on an advisory lock.
/// </summary>
public static class SchemaMigrator
{
    /// <summary>The version that this program needs: the number of its newest migration.</summary>
    public static int Current { get; } = Migrations().Max(migration => migration.Version);

    /// <summary>Applies what is missing.</summary>
    /// <exception cref="NpgsqlException">The database cannot be reached, or the role may not create a schema.</exception>
    /// <param name="dataSource">The database.</param>
    /// <param name="prepare">What else is to be brought up to date while other hosts wait.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="InvalidOperationException">The database is newer than this program.</exception>
    public static async Task MigrateAsync(NpgsqlDataSource dataSource, Func<CancellationToken, Task> prepare, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await ExecuteAsync(connection, Sql.Text("Schema/lock_schema.sql"), cancellationToken);
        try
        {
            // Asked first: a role that only reads and writes may not even say "create if not exists".
            if (!await AskAsync<bool>(connection, "Schema/has_versions.sql", cancellationToken))
                await ExecuteAsync(connection, Sql.Text("Schema/schema_versions.sql"), cancellationToken);
            var applied = await AskAsync<int>(connection, "Schema/applied_version.sql", cancellationToken);
            if (applied > Current)
                throw new InvalidOperationException($"The database has schema version {applied}, this program knows versions up to {Current}: run a newer RunLedger.");
            foreach (var migration in Migrations().Where(migration => migration.Version > applied))
                await ApplyAsync(connection, migration, cancellationToken);
            await prepare(cancellationToken);
        }
        finally
        {
            // A connection that broke has taken its lock along.
            if (connection.State == ConnectionState.Open) await ExecuteAsync(connection, Sql.Text("Schema/unlock_schema.sql"), CancellationToken.None);
        }
    }

    private static IEnumerable<Migration> Migrations() =>
        from path in Sql.In("Schema")
        let name = Path.GetFileNameWithoutExtension(path)
        where char.IsAsciiDigit(name[0])
        orderby name
        select new Migration(int.Parse(name.AsSpan(0, 4), CultureInfo.InvariantCulture), name[5..], path);

    private static async Task ApplyAsync(NpgsqlConnection connection, Migration migration, CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await ExecuteAsync(connection, Sql.Text(migration.Path), cancellationToken);
        await using var record = new NpgsqlCommand(Sql.Text("Schema/record_version.sql"), connection)
        {
            Parameters = { new() { Value = migration.Version }, new() { Value = migration.Name } },
        };
        await record.ExecuteNonQueryAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    private static async Task<T> AskAsync<T>(NpgsqlConnection connection, string path, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Sql.Text(path), connection);
        return (T)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private sealed record Migration(int Version, string Name, string Path);
}
