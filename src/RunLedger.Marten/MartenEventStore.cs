using System.Runtime.ExceptionServices;
using JasperFx;
using JasperFx.Events;
using Marten;
using Npgsql;
using RunLedger.Domain.Runs;
using RunLedger.Postgres.Recording;
using RunLedger.Postgres.Replay;

namespace RunLedger.Marten;

/// <summary>
/// The Marten engine: a batch is one session, in whose unit of work Marten appends the events and the ledger's own statements write all that goes with
/// them. What others append through Marten is completed by the inline projection <see cref="LedgerViews"/>.
/// </summary>
public sealed class MartenEventStore : IEngine
{
    private readonly NpgsqlDataSource _dataSource;
    private readonly DocumentStore _store;
    private readonly StoredContents _storedContents = new(capacity: 200_000);

    /// <summary>Makes the engine; nothing is asked of the database yet.</summary>
    /// <param name="dataSource">The ledger's database.</param>
    public MartenEventStore(NpgsqlDataSource dataSource)
    {
        _dataSource = dataSource;
        _store = DocumentStore.For(options =>
        {
            options.UseRunLedger(dataSource);
            options.AutoCreateSchemaObjects = AutoCreate.None; // Made once, when the ledger is opened.
            options.ConfigurePolly(static _ => { });
            options.ConfigureWritePolly(static _ => { }); // The recorder tries again by itself, and only what may pass.
        });
    }

    /// <summary>Marten's store of the ledger.</summary>
    public IDocumentStore Store => _store;

    /// <summary>Lets Marten bring its tables and functions to the version that it was built with.</summary>
    public Task PrepareAsync(CancellationToken cancellationToken) =>
        _store.Storage.ApplyAllConfiguredChangesToDatabaseAsync(AutoCreate.CreateOrUpdate);

    /// <inheritdoc/>
    /// <remarks>
    /// By the ledger's own query, as the other engine: it reads many streams at once, and by the events' own names and versions alone. Marten would
    /// read an event of a later version by the .NET type that it names.
    /// </remarks>
    public async Task<IReadOnlyDictionary<RunKey, IReadOnlyList<RunEvent>>> ReadNewerAsync(IReadOnlyList<KnownRun> known, CancellationToken cancellationToken)
    {
        await using var command = _dataSource.CreateCommand();
        return await NewerEvents.ReadAsync(command, known, cancellationToken);
    }

    /// <inheritdoc/>
    public async Task AppendAsync(AppendBatch batch, CancellationToken cancellationToken)
    {
        var newContents = batch.Contents.Where(content => !_storedContents.Has(content.Key))
            .OrderBy(content => content.Key.Tenant.Value, StringComparer.Ordinal).ThenBy(content => content.Key.Sha256).ToList();
        await using var session = _store.LightweightSession();
        session.Listeners.Add(DecidedByTheLedger.Mark);
        // As in the other engine: rows that others may write too are locked first, in one order everywhere, then the tenants, then positions are taken.
        if (newContents.Count > 0) session.QueueOperation(Statement.BeforeEvents(AppendStatements.InsertContents(newContents)));
        if (batch.Views.Count > 0)
        {
            var runs = batch.ViewsInOrder();
            session.QueueOperation(Statement.BeforeEvents(AppendStatements.HoldStreams([.. runs.Select(run => run.Key)], batch.RecordedAt)));
            session.QueueOperation(Statement.BeforeEvents(ViewStatements.UpsertRunViews(runs, batch.ViewEpoch)));
        }
        session.QueueOperation(Statement.LockBeforeEvents(AppendStatements.LockTenants(batch.Tenants)));
        foreach (var stream in batch.Events.GroupBy(appended => appended.Key)) session.PendingChanges.Streams().Add(Append(session, batch, stream));
        if (batch.Usage.Count > 0) session.QueueOperation(Statement.AfterEvents(ViewStatements.AddUsage(batch.Usage)));
        if (batch.Quarantine.Count > 0) session.QueueOperation(Statement.AfterEvents(ViewStatements.Quarantine(batch.Quarantine)));
        try
        {
            await session.SaveChangesAsync(cancellationToken);
        }
        catch (Exception failure)
        {
            ExceptionDispatchInfo.Throw(Understood(failure));
        }
        foreach (var content in newContents) _storedContents.Add(content.Key);
    }

    /// <summary>Closes Marten's store; the data source is its owner's.</summary>
    public ValueTask DisposeAsync() => _store.DisposeAsync();

    // Added to the unit of work as it is: a session looks its streams up by their keys alone, in which a run of two tenants would be one.
    private static StreamAction Append(IDocumentSession session, AppendBatch batch, IGrouping<RunKey, AppendedEvent> appended)
    {
        var events = appended.Select(next =>
        {
            var wrapped = session.Events.BuildEvent(next.Event);
            wrapped.Id = Guid.CreateVersion7(batch.RecordedAt);
            wrapped.StreamKey = next.Key.Run.Value;
            wrapped.Timestamp = batch.RecordedAt;
            wrapped.CorrelationId = next.CorrelationId;
            return wrapped;
        });
        var stream = StreamAction.Append(appended.Key.Run.Value, [.. events]);
        stream.TenantId = appended.Key.Tenant.Value;
        stream.ExpectedVersionOnServer = appended.First().Version - 1;
        return stream;
    }

    // What the port says of a failure. Marten wraps what the database said.
    private Exception Understood(Exception failure)
    {
        if (failure is EventStreamUnexpectedMaxEventIdException) return new AppendConflictException("Another node appended to one of the runs first.", failure);
        switch (Refusal(failure))
        {
            case PostgresException { SqlState: PostgresErrorCodes.UniqueViolation, ConstraintName: "pk_mt_events_stream_and_version" or "pkey_mt_streams_tenant_id_id" }:
                return new AppendConflictException("Another node appended to one of the runs first.", failure);
            case PostgresException { SqlState: LiveViews.OtherDefinitions } refused:
                return new ViewsChangedException(refused);
            case { } refused:
                if (Failures.MayPass(refused)) _storedContents.Clear();
                return refused;
            default:
                // What failed before it was sent leaves the connection believing in prepared statements that the server never saw.
                _dataSource.Clear();
                return failure;
        }
    }

    private static NpgsqlException? Refusal(Exception? failure)
    {
        while (failure is not (null or NpgsqlException)) failure = failure.InnerException;
        return failure as NpgsqlException;
    }
}
