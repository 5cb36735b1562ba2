using System.Diagnostics;
using System.Text;
using Npgsql;
using NpgsqlTypes;

namespace RunLedger.Bench;

/// <summary>What PostgreSQL does at best on this machine.</summary>
internal static class Limits
{
    private const int RowsPerCommit = 1_000;

    /// <summary>
    /// Rows a second of binary COPY into a table with the columns and indexes of the event table, the same rows, committed every 1,000: the best of
    /// three.
    /// </summary>
    public static async Task<double> CopyAsync(NpgsqlDataSource dataSource, int rows)
    {
        var events = await ReadAsync(dataSource, rows);
        var best = 0.0;
        for (var attempt = 0; attempt < 3; attempt++)
        {
            await using var connection = await dataSource.OpenConnectionAsync();
            await ExecuteAsync(connection, "drop table if exists copy_limit; create table copy_limit (like runledger.mt_events including all); checkpoint");
            var started = Stopwatch.GetTimestamp();
            foreach (var chunk in events.Chunk(RowsPerCommit)) await CopyAsync(connection, chunk);
            best = Math.Max(best, events.Count / Stopwatch.GetElapsedTime(started).TotalSeconds);
        }
        return best;
    }

    /// <summary>The median time in milliseconds of a one-row INSERT with its COMMIT.</summary>
    public static async Task<double> InsertAsync(NpgsqlDataSource dataSource)
    {
        await using var connection = await dataSource.OpenConnectionAsync();
        await ExecuteAsync(connection, "drop table if exists insert_limit; create table insert_limit (id bigint primary key, data jsonb)");
        var times = new List<double>();
        for (var id = 0L; id < 3_000; id++)
        {
            await using var insert = new NpgsqlCommand("insert into insert_limit values ($1, $2)", connection)
            {
                Parameters = { new NpgsqlParameter<long> { TypedValue = id }, new() { Value = "{\"status\": \"queued\"}", NpgsqlDbType = NpgsqlDbType.Jsonb } },
            };
            var started = Stopwatch.GetTimestamp();
            await insert.ExecuteNonQueryAsync();
            times.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        }
        return Median(times.Skip(500));
    }

    /// <summary>Has the server write out all that it holds, so that what is measured next pays for itself alone.</summary>
    public static async Task CheckpointAsync(NpgsqlDataSource dataSource)
    {
        await using var command = dataSource.CreateCommand("checkpoint");
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>The median of some times.</summary>
    public static double Median(IEnumerable<double> times)
    {
        var sorted = times.Order().ToList();
        return sorted[sorted.Count / 2];
    }

    /// <summary>The number that a query gives.</summary>
    public static async Task<long> NumberAsync(NpgsqlDataSource dataSource, string sql)
    {
        await using var command = dataSource.CreateCommand(sql);
        return Convert.ToInt64(await command.ExecuteScalarAsync(), System.Globalization.CultureInfo.InvariantCulture);
    }

    private static async Task<List<EventRow>> ReadAsync(NpgsqlDataSource dataSource, int rows)
    {
        await using var command = dataSource.CreateCommand(
            "select seq_id, id, stream_id, version, data::text, type, timestamp, tenant_id, mt_dotnet_type from runledger.mt_events order by seq_id limit $1");
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = rows });
        await using var reader = await command.ExecuteReaderAsync();
        var events = new List<EventRow>(rows);
        while (await reader.ReadAsync())
            events.Add(new EventRow(
                reader.GetInt64(0), reader.GetGuid(1), reader.GetString(2), reader.GetInt64(3), Encoding.UTF8.GetBytes(reader.GetString(4)),
                reader.GetString(5), reader.GetFieldValue<DateTimeOffset>(6), reader.GetString(7), reader.GetString(8)));
        return events;
    }

    private static async Task CopyAsync(NpgsqlConnection connection, EventRow[] rows)
    {
        await using var copy = await connection.BeginBinaryImportAsync(
            "copy copy_limit (seq_id, id, stream_id, version, data, type, timestamp, tenant_id, mt_dotnet_type) from stdin (format binary)");
        foreach (var row in rows)
        {
            await copy.StartRowAsync();
            await copy.WriteAsync(row.Position, NpgsqlDbType.Bigint);
            await copy.WriteAsync(row.Id, NpgsqlDbType.Uuid);
            await copy.WriteAsync(row.Stream, NpgsqlDbType.Varchar);
            await copy.WriteAsync(row.Version, NpgsqlDbType.Bigint);
            await copy.WriteAsync(row.Data, NpgsqlDbType.Jsonb);
            await copy.WriteAsync(row.Type, NpgsqlDbType.Varchar);
            await copy.WriteAsync(row.Timestamp, NpgsqlDbType.TimestampTz);
            await copy.WriteAsync(row.Tenant, NpgsqlDbType.Varchar);
            await copy.WriteAsync(row.DotNetType, NpgsqlDbType.Varchar);
        }
        await copy.CompleteAsync();
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    private sealed record EventRow(
        long Position, Guid Id, string Stream, long Version, byte[] Data, string Type, DateTimeOffset Timestamp, string Tenant, string DotNetType);
}
