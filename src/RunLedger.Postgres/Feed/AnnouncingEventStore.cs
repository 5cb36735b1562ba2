using RunLedger.Domain.Runs;
using RunLedger.Postgres.Recording;

namespace RunLedger.Postgres.Feed;

/// <summary>An engine whose appends the feed's followers in this process hear of at once.</summary>
internal sealed class AnnouncingEventStore(IEventStore engine, EventFeed feed) : IEventStore
{
    public Task<IReadOnlyDictionary<RunKey, IReadOnlyList<RunEvent>>> ReadNewerAsync(IReadOnlyList<KnownRun> known, CancellationToken cancellationToken) =>
        engine.ReadNewerAsync(known, cancellationToken);

    public async Task AppendAsync(AppendBatch batch, CancellationToken cancellationToken)
    {
        await engine.AppendAsync(batch, cancellationToken);
        feed.Tell(batch);
    }
}
