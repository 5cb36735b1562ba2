using Npgsql;
using RunLedger.Domain.Observations;

namespace RunLedger.Postgres.Feed;

/// <summary>Knows in which segments of positions a tenant has events, so that a reader of its past need not walk over those of others.</summary>
internal sealed class SegmentIndex(NpgsqlDataSource dataSource)
{
    /// <summary>How many positions a segment has.</summary>
    public const int Size = 2_048;

    private long _indexedBefore;

    /// <summary>The segments of all positions below are known.</summary>
    public long IndexedBefore => Volatile.Read(ref _indexedBefore);

    /// <summary>Adds some of the segments that have been settled since, if there are any.</summary>
    /// <param name="settled">Up to here nothing is under way.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task GrowAsync(long settled, CancellationToken cancellationToken)
    {
        if (settled + 1 - IndexedBefore < Size) return;
        await using var command = dataSource.CreateCommand(Sql.Text("Feed/index_segments.sql"));
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = settled + 1 });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        if (await reader.ReadAsync(cancellationToken)) Volatile.Write(ref _indexedBefore, reader.GetInt64(0));
    }

    /// <summary>The stretch in which a tenant's next events are, in the indexed past: its first position and its last. Null if it has none there.</summary>
    /// <param name="tenant">The tenant.</param>
    /// <param name="from">The first position to look at.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<(long First, long Last)?> NextAsync(TenantId tenant, long from, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(Sql.Text("Feed/next_segment.sql"));
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = tenant.Value });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = from / Size });
        await using var reader = await dataSource.ReadAsync(command, cancellationToken);
        if (!await reader.ReadAsync(cancellationToken)) return null;
        var first = reader.GetInt64(0) * Size;
        return (Math.Max(first, from), first + Size - 1);
    }
}
