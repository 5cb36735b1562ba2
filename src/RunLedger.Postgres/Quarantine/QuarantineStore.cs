using Npgsql;
using NpgsqlTypes;
using RunLedger.Domain.Observations;

namespace RunLedger.Postgres.Quarantine;

/// <summary>The input that could not be recorded, and waits.</summary>
public sealed class QuarantineStore(NpgsqlDataSource dataSource)
{
    /// <summary>A tenant's items that wait, oldest first; of each no more than its beginning.</summary>
    /// <param name="tenant">The tenant.</param>
    /// <param name="after">The id after which the page begins; 0 for the first.</param>
    /// <param name="limit">The most items to list.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<IReadOnlyList<WaitingItem>> ListAsync(TenantId tenant, long after, int limit, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(Sql.Text("Quarantine/list.sql"));
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = tenant.Value });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = after });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = limit });
        await using var reader = await dataSource.ReadAsync(command, cancellationToken);
        var items = new List<WaitingItem>();
        while (await reader.ReadAsync(cancellationToken))
            items.Add(new WaitingItem(
                reader.GetInt64(0),
                reader.GetFieldValue<byte[]>(1),
                reader.GetInt32(2),
                reader.GetString(3),
                reader.GetString(4),
                new Defect(reader.GetString(5), reader.GetString(6)),
                reader.GetFieldValue<DateTimeOffset>(7),
                reader.GetFieldValue<DateTimeOffset?>(8)));
        return items;
    }

    /// <summary>The whole input of an item, exactly as it came.</summary>
    /// <param name="tenant">The tenant.</param>
    /// <param name="item">The item.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<ReadOnlyMemory<byte>> ReadAsync(TenantId tenant, WaitingItem item, CancellationToken cancellationToken)
    {
        if (item.Bytes == item.Beginning.Length) return item.Beginning;
        await using var command = dataSource.CreateCommand(Sql.Text("Quarantine/read_item.sql"));
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = tenant.Value });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = item.Id });
        await using var reader = await dataSource.ReadAsync(command, cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return reader.GetFieldValue<byte[]>(0);
    }

    /// <summary>Notes the outcome of a retry.</summary>
    /// <param name="tenant">The tenant.</param>
    /// <param name="item">The item.</param>
    /// <param name="retriedAt">When it was retried. UTC.</param>
    /// <param name="defect">What is still wrong with it; null if it is recorded now.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task MarkRetriedAsync(TenantId tenant, WaitingItem item, DateTimeOffset retriedAt, Defect? defect, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(Sql.Text("Quarantine/mark_retried.sql"));
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = tenant.Value });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = item.Id });
        command.Parameters.Add(new NpgsqlParameter { Value = retriedAt, NpgsqlDbType = NpgsqlDbType.TimestampTz });
        command.Parameters.Add(new NpgsqlParameter<bool> { TypedValue = defect is null });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = QueryParameter.Holdable((defect ?? item.Defect).Field) });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = QueryParameter.Holdable((defect ?? item.Defect).Reason) });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}

/// <summary>An item in quarantine.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Beginning">The input exactly as it came, of which at most the first 4,096 bytes.</param>
/// <param name="Bytes">How many bytes the whole input has.</param>
/// <param name="Source">The way it came.</param>
/// <param name="Pointer">Where in its batch or file it stood.</param>
/// <param name="Defect">Why it could not be recorded.</param>
/// <param name="ReceivedAt">When it came. UTC.</param>
/// <param name="RetriedAt">When it was last retried; null if it never was. UTC.</param>
public sealed record WaitingItem(
    long Id, ReadOnlyMemory<byte> Beginning, int Bytes, string Source, string Pointer, Defect Defect, DateTimeOffset ReceivedAt, DateTimeOffset? RetriedAt);
