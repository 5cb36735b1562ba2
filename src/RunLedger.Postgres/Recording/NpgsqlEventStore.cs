using System.Buffers;
using Npgsql;
using RunLedger.Domain.Runs;
using RunLedger.Postgres.Replay;

namespace RunLedger.Postgres.Recording;

/// <summary>
/// The Npgsql engine: writes Marten's event tables directly. A small batch is one round trip: all statements are sent together, run in one implicit
/// transaction, and are committed together (PostgreSQL manual, "Extended Query": statements up to a Sync are one transaction). A large one
/// sends its events by COPY.
/// </summary>
public sealed class NpgsqlEventStore(NpgsqlDataSource dataSource) : IEngine
{
    private readonly StoredContents _storedContents = new(capacity: 200_000);

    /// <inheritdoc/>
    public Task PrepareAsync(CancellationToken cancellationToken) => Task.CompletedTask; // The migrations make all that it writes.

    /// <inheritdoc/>
    public async Task<IReadOnlyDictionary<RunKey, IReadOnlyList<RunEvent>>> ReadNewerAsync(IReadOnlyList<KnownRun> known, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand();
        return await NewerEvents.ReadAsync(command, known, cancellationToken);
    }

    /// <inheritdoc/>
    public async Task AppendAsync(AppendBatch batch, CancellationToken cancellationToken)
    {
        var byCopy = batch.Events.Count >= EventCopy.WorthwhileFrom;
        using var copy = byCopy ? EventCopy.Of(batch) : null;
        var insert = byCopy || batch.Events.Count == 0 ? null : InsertEvents(batch);
        var newContents = batch.Contents.Where(content => !_storedContents.Has(content.Key))
            .OrderBy(content => content.Key.Tenant.Value, StringComparer.Ordinal).ThenBy(content => content.Key.Sha256).ToList();

        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var commands = new NpgsqlBatch(connection);
        // Rows that others may write too are locked in one order everywhere, and before the tenants, so that nobody waits for a row while others
        // wait for its tenants.
        if (newContents.Count > 0) commands.BatchCommands.Add(AppendStatements.InsertContents(newContents));
        if (batch.Views.Count > 0)
        {
            var runs = batch.ViewsInOrder();
            commands.BatchCommands.Add(UpsertStreams(runs, batch.RecordedAt));
            commands.BatchCommands.Add(ViewStatements.UpsertRunViews(runs, batch.ViewEpoch));
        }
        commands.BatchCommands.Add(insert ?? AppendStatements.LockTenants(batch.Tenants)); // The insert takes these locks itself.
        if (batch.Usage.Count > 0) commands.BatchCommands.Add(ViewStatements.AddUsage(batch.Usage));
        if (batch.Quarantine.Count > 0) commands.BatchCommands.Add(ViewStatements.Quarantine(batch.Quarantine));
        try
        {
            if (copy is null) await commands.ExecuteNonQueryAsync(cancellationToken);
            else await AppendByCopyAsync(connection, commands, copy, cancellationToken);
        }
        catch (PostgresException conflict) when (conflict is { SqlState: PostgresErrorCodes.UniqueViolation, ConstraintName: "pk_mt_events_stream_and_version" })
        {
            throw new AppendConflictException("Another node appended to one of the runs first.", conflict);
        }
        catch (PostgresException refused) when (refused.SqlState == LiveViews.OtherDefinitions)
        {
            throw new ViewsChangedException(refused);
        }
        catch (NpgsqlException failure) when (Failures.MayPass(failure))
        {
            _storedContents.Clear();
            throw;
        }
        catch (Exception failure) when (failure is not NpgsqlException)
        {
            // What failed before it was sent leaves the connection believing in prepared statements that the server never saw.
            dataSource.Clear();
            throw;
        }
        foreach (var content in newContents) _storedContents.Add(content.Key);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static async Task AppendByCopyAsync(NpgsqlConnection connection, NpgsqlBatch commands, EventCopy copy, CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await commands.ExecuteNonQueryAsync(cancellationToken);
        await copy.SendAsync(connection, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    private static NpgsqlBatchCommand UpsertStreams(IReadOnlyList<KeyValuePair<RunKey, RunView>> runs, DateTimeOffset recordedAt) =>
        new(Sql.Text("Recording/upsert_streams.sql"))
        {
            Parameters =
            {
                Columns.Text(runs, run => run.Key.Tenant.Value),
                Columns.Text(runs, run => run.Key.Run.Value),
                Columns.Of(runs, run => run.Value.Version),
                new NpgsqlParameter<DateTimeOffset> { TypedValue = recordedAt },
            },
        };

    private static NpgsqlBatchCommand InsertEvents(AppendBatch batch)
    {
        var types = batch.Events.ConvertAll(appended => RunEventTypes.Of(appended.Event));
        return new NpgsqlBatchCommand(Sql.Text("Recording/insert_events.sql"))
        {
            Parameters =
            {
                new NpgsqlParameter<Guid[]> { TypedValue = EventIds.Next(batch.Events.Count, batch.RecordedAt) },
                Columns.Text(batch.Events, appended => appended.Key.Tenant.Value),
                Columns.Text(batch.Events, appended => appended.Key.Run.Value),
                Columns.Of(batch.Events, appended => appended.Version),
                Columns.Text(types, type => type.Alias),
                Columns.Text(types, type => type.DotNetType),
                Columns.Json(EventData(batch.Events)),
                Columns.Text(batch.Events, appended => appended.CorrelationId),
                new NpgsqlParameter<DateTimeOffset> { TypedValue = batch.RecordedAt },
                Columns.Text(batch.Tenants, tenant => tenant.Value),
            },
        };
    }

    private static byte[][] EventData(List<AppendedEvent> events)
    {
        var data = new byte[events.Count][];
        var output = new ArrayBufferWriter<byte>(1024);
        using var writer = RunEventJson.Writer(output);
        for (var i = 0; i < data.Length; i++)
        {
            output.ResetWrittenCount();
            writer.Reset();
            RunEventJson.Write(events[i].Event, writer);
            data[i] = output.WrittenSpan.ToArray();
        }
        return data;
    }
}
