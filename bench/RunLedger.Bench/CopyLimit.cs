using System.Diagnostics;
using System.Text;
using Npgsql;
using NpgsqlTypes;

namespace RunLedger.Bench;

/// <summary>
/// What PostgreSQL does at best with many events: binary COPY of rows of the event table, which are in memory, into a table with its columns and
/// indexes, committed every 1,000.
/// </summary>
internal sealed class CopyLimit
{
    private const int RowsPerCommit = 1_000;

    private readonly NpgsqlDataSource _dataSource;
    private readonly List<EventRow> _rows;

    private CopyLimit(NpgsqlDataSource dataSource, List<EventRow> rows)
    {
        _dataSource = dataSource;
        _rows = rows;
    }

    /// <summary>Reads the first rows of the event table.</summary>
    public static async Task<CopyLimit> OfAsync(NpgsqlDataSource dataSource, int rows)
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
        return events.Count == rows ? new CopyLimit(dataSource, events) : throw new InvalidOperationException($"There are only {events.Count} of {rows} events.");
    }

    /// <summary>Copies them once: rows a second.</summary>
    public async Task<double> RateAsync()
    {
        await using var connection = await _dataSource.OpenConnectionAsync();
        await ExecuteAsync(connection, "drop table if exists copy_limit; create table copy_limit (like runledger.mt_events including all); checkpoint");
        var started = Stopwatch.GetTimestamp();
        foreach (var chunk in _rows.Chunk(RowsPerCommit)) await CopyAsync(connection, chunk);
        return _rows.Count / Stopwatch.GetElapsedTime(started).TotalSeconds;
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
