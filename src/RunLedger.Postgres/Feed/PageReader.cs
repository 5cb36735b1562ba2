using System.Text;
using System.Threading.Channels;
using Npgsql;
using NpgsqlTypes;
using RunLedger.Domain.Json;
using RunLedger.Domain.Observations;
using RunLedger.Domain.Runs;

namespace RunLedger.Postgres.Feed;

/// <summary>
/// Reads pages of a tenant's events. One statement sees one snapshot of the database, and within a tenant positions are commit order: a snapshot
/// that shows a position shows all of the tenant's below it, so that nothing can appear later behind the last event of a page.
/// </summary>
internal sealed class PageReader(NpgsqlDataSource dataSource, SegmentIndex segments)
{
    /// <summary>The most events in a page, which bounds what a reader holds in memory.</summary>
    public const int LargestPage = 256;

    /// <summary>The most pages that are read at once.</summary>
    public const int MostAtOnce = 8;

    /// <summary>The most positions that one statement walks over, those of other tenants included.</summary>
    public const int LongestWalk = 50_000;

    // Readers that catch up, however many, leave the connections to those who record and ask: each holds a place here while it reads. A channel, unlike a
    // semaphore, needs no disposal, which readers that are just leaving would meet.
    private readonly Channel<bool> _turns = Channel.CreateBounded<bool>(MostAtOnce);

    /// <summary>Reads a page.</summary>
    /// <param name="tenant">The tenant.</param>
    /// <param name="after">The position after which to begin.</param>
    /// <param name="settled">Up to here nothing is under way, whoever's it is: where the tenant has no event, the reader may go on.</param>
    /// <param name="types">The names of the event types; null for all.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="InvalidDataException">An event is not of a type that this version knows.</exception>
    public async Task<FeedPage> ReadAsync(
        TenantId tenant, long after, long settled, IReadOnlyCollection<string>? types, CancellationToken cancellationToken)
    {
        await _turns.Writer.WriteAsync(true, cancellationToken);
        try
        {
            return settled - after > LongestWalk
                ? await ReadPastAsync(tenant, after, types, cancellationToken)
                : await ReadHeadAsync(tenant, after, settled, types, cancellationToken);
        }
        finally
        {
            _turns.Reader.TryRead(out _);
        }
    }

    /// <summary>The position of the tenant's newest event, as of now; one up to which nothing is under way, if it has none behind that.</summary>
    /// <param name="tenant">The tenant.</param>
    /// <param name="settled">Up to here nothing is under way; <see cref="CommitWatcher.Unknown"/> while that is not known.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<long> NewestAsync(TenantId tenant, long settled, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(Sql.Text("Feed/newest_event.sql"));
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = tenant.Value });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = Math.Max(0, settled) });
        await using var reader = await dataSource.ReadAsync(command, cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return reader.GetInt64(0);
    }

    /// <summary>The newest position that was ever given to an event, committed or not.</summary>
    public async Task<long> LastGivenAsync(CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(Sql.Text("Feed/last_given_position.sql"));
        await using var reader = await dataSource.ReadAsync(command, cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return reader.GetInt64(0);
    }

    // Where the segments are known yet, one in which the tenant has events; after them a walk over everything.
    private async Task<FeedPage> ReadPastAsync(TenantId tenant, long after, IReadOnlyCollection<string>? types, CancellationToken cancellationToken)
    {
        var (first, last) = (after + 1, after + LongestWalk);
        var indexedBefore = segments.IndexedBefore;
        if (first < indexedBefore)
        {
            if (await segments.NextAsync(tenant, first, cancellationToken) is not { } next) return new FeedPage([], indexedBefore - 1, AtHead: false);
            (first, last) = next;
        }
        var events = await ReadStretchAsync(tenant, first - 1, last, types, cancellationToken);
        return new FeedPage(events, events.Count == LargestPage ? events[^1].Recorded.Position : last, AtHead: false);
    }

    private async Task<FeedPage> ReadHeadAsync(
        TenantId tenant, long after, long settled, IReadOnlyCollection<string>? types, CancellationToken cancellationToken)
    {
        var events = await ReadStretchAsync(tenant, after, long.MaxValue, types, cancellationToken);
        var position = events.Count == 0 ? after : events[^1].Recorded.Position;
        return events.Count == LargestPage ? new FeedPage(events, position, AtHead: false) : new FeedPage(events, Math.Max(position, settled), AtHead: true);
    }

    private async Task<List<FeedEvent>> ReadStretchAsync(
        TenantId tenant, long after, long upTo, IReadOnlyCollection<string>? types, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(Sql.Text("Feed/read_page.sql"));
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = tenant.Value });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = after });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = upTo });
        command.Parameters.Add(new NpgsqlParameter
        {
            Value = types is null ? DBNull.Value : types.SelectMany(RunEventTypes.AliasesOf).ToArray(),
            NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text,
        });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = LargestPage });
        await using var reader = await dataSource.ReadAsync(command, cancellationToken);
        var events = new List<FeedEvent>();
        while (await reader.ReadAsync(cancellationToken)) events.Add(Event(reader));
        return events;
    }

    private static FeedEvent Event(NpgsqlDataReader row) => new(
        new RunId(row.GetString(1)),
        new RecordedEvent(
            row.GetInt64(0),
            row.GetInt64(2),
            row.GetFieldValue<DateTimeOffset>(3),
            RunEventJson.Read(row.GetString(4), new JsonText(Encoding.UTF8.GetBytes(row.GetString(5)))),
            row.GetText(6)));
}
