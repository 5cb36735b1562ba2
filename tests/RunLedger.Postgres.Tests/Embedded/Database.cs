using Npgsql;

namespace RunLedger.Postgres.Tests.Embedded;

/// <summary>Short questions to a server.</summary>
internal static class Database
{
    public static async Task<T> AskAsync<T>(string connectionString, string sql)
    {
        await using var source = NpgsqlDataSource.Create(connectionString);
        await using var command = source.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync())!;
    }

    public static Task<string> SettingAsync(string connectionString, string name) =>
        AskAsync<string>(connectionString, $"select current_setting('{name}')");

    public static async Task ExecuteAsync(string connectionString, string sql)
    {
        await using var source = NpgsqlDataSource.Create(connectionString);
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }
}
