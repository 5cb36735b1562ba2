using JasperFx.Events;
using Marten;
using Marten.Events.Projections;
using Npgsql;
using RunLedger.Domain.Observations;
using RunLedger.Domain.Runs;
using RunLedger.Postgres.Recording;
using RunLedger.Postgres.Replay;

namespace RunLedger.Marten;

/// <summary>
/// The inline projection that keeps the ledger's promises for events that somebody else appends through Marten: with them, in their transaction, it
/// writes views, usage and large values, and takes the tenants' append locks.
/// </summary>
internal sealed class LedgerViews(NpgsqlDataSource dataSource) : IProjection
{
    private readonly ViewRegister _register = new(dataSource, ViewVersions.OfThisProgram);

    public async Task ApplyAsync(IDocumentOperations operations, IReadOnlyList<IEvent> events, CancellationToken cancellation)
    {
        if (events.Any(appended => appended.Sequence > 0))
            throw new NotSupportedException("The ledger's views are not rebuilt by Marten, but by the ledger: projections rebuild.");
        var session = (IDocumentSession)operations;
        if (DecidedByTheLedger.Is(session)) return;
        try
        {
            await CompleteAsync(session, events, cancellation);
        }
        catch
        {
            session.PendingChanges.Streams().Clear(); // See NoTombstones.
            throw;
        }
    }

    // In the order in which the engines lock. By the time Marten sends the events all of it is held, and what was read stays true.
    private async Task CompleteAsync(IDocumentSession session, IReadOnlyList<IEvent> events, CancellationToken cancellation)
    {
        var streams = events.GroupBy(appended => new RunKey(new TenantId(appended.TenantId), new RunId(appended.StreamKey!))).ToList();
        _register.Forget(); // It may have been switched since, and there is no second try here.
        var live = await _register.WritableAsync(cancellation);
        await session.BeginTransactionAsync(cancellation);
        await SendAsync(session, [AppendStatements.ShareAppends(), AppendStatements.LockStreams([.. streams.Select(stream => stream.Key)])], cancellation);
        await using var read = session.Connection.CreateCommand();
        var known = await NewerEvents.ReadAsync(read, [.. streams.Select(stream => new KnownRun(stream.Key, 0))], cancellation);

        var batch = new AppendBatch { RecordedAt = TimeProvider.System.GetUtcNow(), ViewEpoch = live.Epoch };
        foreach (var stream in streams) Add(batch, stream, known.GetValueOrDefault(stream.Key) ?? [], live);
        foreach (var stream in session.PendingChanges.Streams())
            stream.ExpectedVersionOnServer ??= known.GetValueOrDefault(new RunKey(new TenantId(stream.TenantId!), new RunId(stream.Key!)))?.Count ?? 0;

        List<NpgsqlBatchCommand> before = [ViewStatements.UpsertRunViews(batch.ViewsInOrder(), live.Epoch), AppendStatements.LockTenants(streams.Select(stream => stream.Key.Tenant))];
        if (batch.Contents.Count > 0) before.Insert(0, AppendStatements.InsertContents([.. batch.Contents]));
        await SendAsync(session, before, cancellation);
        if (batch.Usage.Count > 0) session.QueueOperation(Statement.AfterEvents(ViewStatements.AddUsage(batch.Usage)));
    }

    private static void Add(AppendBatch batch, IGrouping<RunKey, IEvent> stream, IReadOnlyList<RunEvent> known, LiveViews live)
    {
        var before = known.Count == 0 ? null : RunState.Fold(stream.Key.Run, known);
        var after = before ?? RunState.New(stream.Key.Run);
        foreach (var next in stream.Select(RunEventOf))
        {
            after = after.Apply(next);
            foreach (var content in next.LargeValues())
                if (content.Content is { } text) batch.Contents.TryAdd((stream.Key.Tenant, content.Reference.Sha256), text);
        }
        batch.Move(stream.Key, before is null ? null : RunView.Of(before), RunView.Of(after), live);
    }

    private static RunEvent RunEventOf(IEvent appended) => appended.Data as RunEvent
        ?? throw new NotSupportedException($"'{appended.EventTypeName}' is no event of a run: streams of the ledger hold no others. Keep one's own in a schema of one's own.");

    private static async Task SendAsync(IDocumentSession session, IEnumerable<NpgsqlBatchCommand> statements, CancellationToken cancellation)
    {
        await using var batch = new NpgsqlBatch(session.Connection);
        foreach (var statement in statements) batch.BatchCommands.Add(statement);
        await batch.ExecuteNonQueryAsync(cancellation);
    }
}
