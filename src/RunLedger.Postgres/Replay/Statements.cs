using Npgsql;

namespace RunLedger.Postgres.Replay;

/// <summary>Executes statements of one file each.</summary>
internal static class Statements
{
    /// <summary>Executes a file's statements.</summary>
    public static async Task<int> ExecuteAsync(this NpgsqlConnection connection, string path, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Sql.Text(path), connection);
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Executes a file's statement with parameters.</summary>
    public static async Task<int> ExecuteAsync(
        this NpgsqlConnection connection, string path, IEnumerable<NpgsqlParameter> parameters, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Sql.Text(path), connection);
        foreach (var parameter in parameters) command.Parameters.Add(parameter);
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>The row that a query gives.</summary>
    public static async Task<T> AskAsync<T>(
        this NpgsqlConnection connection, string path, IEnumerable<NpgsqlParameter> parameters, Func<NpgsqlDataReader, T> row, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Sql.Text(path), connection);
        foreach (var parameter in parameters) command.Parameters.Add(parameter);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? row(reader) : throw new InvalidDataException($"{path} gave no row.");
    }
}
