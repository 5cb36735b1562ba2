using System.Diagnostics;
using Npgsql;
using NpgsqlTypes;

namespace RunLedger.Bench;

/// <summary>What PostgreSQL does at best with one row at a time: an INSERT with its COMMIT, on a connection of its own.</summary>
internal sealed class InsertLimit : IAsyncDisposable
{
    private readonly NpgsqlConnection _connection;
    private long _last;

    private InsertLimit(NpgsqlConnection connection) => _connection = connection;

    /// <summary>Makes the table, and warms up.</summary>
    public static async Task<InsertLimit> OnAsync(NpgsqlDataSource dataSource)
    {
        var limit = new InsertLimit(await dataSource.OpenConnectionAsync());
        await using (var command = new NpgsqlCommand("create table insert_limit (id bigint primary key, data jsonb)", limit._connection))
            await command.ExecuteNonQueryAsync();
        await limit.MedianAsync(500);
        return limit;
    }

    /// <summary>Inserts some rows: the median of their times in milliseconds.</summary>
    public async Task<double> MedianAsync(int rows)
    {
        var times = new List<double>(rows);
        for (var row = 0; row < rows; row++)
        {
            await using var insert = new NpgsqlCommand("insert into insert_limit values ($1, $2)", _connection)
            {
                Parameters = { new NpgsqlParameter<long> { TypedValue = _last++ }, new() { Value = "{\"status\": \"queued\"}", NpgsqlDbType = NpgsqlDbType.Jsonb } },
            };
            var started = Stopwatch.GetTimestamp();
            await insert.ExecuteNonQueryAsync();
            times.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        }
        return Measuring.Median(times);
    }

    public ValueTask DisposeAsync() => _connection.DisposeAsync();
}
