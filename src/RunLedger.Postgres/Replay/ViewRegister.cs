using System.Data;
using Npgsql;
using RunLedger.Domain.Usage;

namespace RunLedger.Postgres.Replay;

/// <summary>
/// Knows what the ledger's views are derived by. It is asked of the database once; a switch to other definitions shows itself by a refused statement,
/// after which it is asked again.
/// </summary>
public sealed class ViewRegister(NpgsqlDataSource dataSource, ViewVersions known)
{
    private volatile LiveViews? _live;

    /// <summary>The versions that this program can write.</summary>
    public ViewVersions Known => known;

    /// <summary>What the views are derived by, as far as is known.</summary>
    public async ValueTask<LiveViews> LiveAsync(CancellationToken cancellationToken) => _live ??= await ReadAsync(cancellationToken);

    /// <summary>What the views are derived by, to write them.</summary>
    /// <exception cref="NewerViewsException">This program does not know how.</exception>
    public async ValueTask<LiveViews> WritableAsync(CancellationToken cancellationToken)
    {
        var live = await LiveAsync(cancellationToken);
        RequireKnown(live);
        return live;
    }

    /// <summary>Refuses views of a newer program.</summary>
    /// <exception cref="NewerViewsException">They are.</exception>
    internal void RequireKnown(LiveViews live)
    {
        if (known.Include(live)) return;
        Forget(); // They may be rebuilt by a version that this program knows.
        throw new NewerViewsException(
            $"This ledger's views are of a newer RunLedger (runs of version {live.RunsVersion}, usage of version {live.UsageVersion}); this one knows versions up to "
            + $"{known.Runs} and {known.Usage}: run the newer one.");
    }

    /// <summary>Forgets what the views are derived by, because a statement was refused.</summary>
    public void Forget() => _live = null;

    /// <summary>Takes this program's definitions for a ledger that has no events yet, whose views are empty under every definition.</summary>
    internal async Task AdoptIfEmptyAsync(CancellationToken cancellationToken)
    {
        var live = await LiveAsync(cancellationToken);
        if (live.RunsVersion >= known.Runs && live.UsageVersion >= known.Usage) return;
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        if (await AskAsync(connection, "Replay/has_events.sql", cancellationToken)) return;
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await AppendLock.TakeAsync(connection, cancellationToken);
        await using var adopt = new NpgsqlCommand(Sql.Text("Replay/adopt_definitions.sql"), connection)
        {
            Parameters = { new NpgsqlParameter<int> { TypedValue = known.Runs }, new NpgsqlParameter<int> { TypedValue = known.Usage } },
        };
        await adopt.ExecuteNonQueryAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        Forget();
    }

    private async Task<LiveViews> ReadAsync(CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(Sql.Text("Replay/read_definitions.sql"));
        await using var reader = await dataSource.ReadAsync(command, cancellationToken);
        return await DefinitionsAsync(reader, cancellationToken);
    }

    /// <summary>Reads what the views are derived by, in the transaction that the connection is in.</summary>
    internal static async Task<LiveViews> ReadAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Sql.Text("Replay/read_definitions.sql"), connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await DefinitionsAsync(reader, cancellationToken);
    }

    private static async Task<LiveViews> DefinitionsAsync(NpgsqlDataReader reader, CancellationToken cancellationToken)
    {
        if (!await reader.ReadAsync(cancellationToken)) throw new InvalidDataException("The ledger does not say what its views are derived by.");
        return new LiveViews(reader.GetInt64(0), reader.GetInt32(1), reader.GetInt32(2), [.. reader.GetFieldValue<string[]>(3).Select(Dimension)]);
    }

    private static ConfiguredDimension Dimension(string name) =>
        ConfiguredDimension.Parse(name) ?? throw new NewerViewsException($"Usage is kept by '{name}', a dimension that this program does not know: run a newer RunLedger.");

    private static async Task<bool> AskAsync(NpgsqlConnection connection, string path, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Sql.Text(path), connection);
        return (bool)(await command.ExecuteScalarAsync(cancellationToken))!;
    }
}
