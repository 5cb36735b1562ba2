using System.Text;
using Npgsql;
using RunLedger.Domain.Json;
using RunLedger.Domain.Observations;
using RunLedger.Domain.Runs;
using RunLedger.Domain.Usage;
using RunLedger.Postgres.Contents;

namespace RunLedger.Postgres.Runs;

/// <summary>Reads runs: their rows, their histories, and their snapshots now or then.</summary>
public sealed class RunReader(NpgsqlDataSource dataSource)
{
    private readonly ContentReader _contents = new(dataSource);

    /// <summary>The row of a run; null if there is none.</summary>
    public async Task<RunView?> FindAsync(TenantId tenant, RunId run, CancellationToken cancellationToken)
    {
        await using var command = Command("Runs/find_run.sql", tenant.Value, run.Value);
        return await ReadViewsAsync(command, cancellationToken) is [var view] && view.RunId == run.Value ? view : null;
    }

    /// <summary>A page of runs, newest first.</summary>
    /// <param name="tenant">The tenant.</param>
    /// <param name="filter">Which runs.</param>
    /// <param name="limit">The most runs to list.</param>
    /// <param name="after">Where the page begins; null for the newest.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<RunPage> ListAsync(TenantId tenant, RunFilter filter, int limit, RunCursor? after, CancellationToken cancellationToken)
    {
        await using var command = Command("Runs/list_runs.sql", tenant.Value, filter.Status, filter.Model, filter.AssistantId, filter.ThreadId, filter.Kind);
        foreach (var parameter in QueryParameter.Metadata(filter.Metadata)) command.Parameters.Add(parameter);
        command.Parameters.Add(QueryParameter.Time(filter.Since));
        command.Parameters.Add(QueryParameter.Time(filter.Until));
        command.Parameters.Add(QueryParameter.Time(after?.CreatedAt));
        command.Parameters.Add(QueryParameter.Text(after?.RunId));
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = limit + 1 });
        var runs = await ReadViewsAsync(command, cancellationToken);
        if (runs.Count <= limit) return new RunPage(runs, null);
        var page = runs[..limit];
        return new RunPage(page, new RunCursor(page[^1].CreatedAt, page[^1].RunId));
    }

    /// <summary>A page of a thread's runs, each as last observed.</summary>
    /// <exception cref="KeyNotFoundException">The run that bounds the page is not in the ledger, or not of this thread.</exception>
    public async Task<ThreadPage> ListThreadAsync(TenantId tenant, string threadId, ThreadPageRequest request, CancellationToken cancellationToken)
    {
        var after = await BoundAsync(tenant, threadId, request.After, cancellationToken);
        var before = await BoundAsync(tenant, threadId, request.Before, cancellationToken);
        var (low, high) = request.Ascending ? (after, before) : (before, after);
        // A page that only ends somewhere is the one nearest to that end: it is read backwards.
        var backwards = before is not null && after is null;
        var path = request.Ascending != backwards ? "Runs/thread_runs_asc.sql" : "Runs/thread_runs_desc.sql";

        await using var command = Command(path, tenant.Value, threadId);
        command.Parameters.Add(QueryParameter.Time(low?.CreatedAt));
        command.Parameters.Add(QueryParameter.Text(low?.RunId));
        command.Parameters.Add(QueryParameter.Time(high?.CreatedAt));
        command.Parameters.Add(QueryParameter.Text(high?.RunId));
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = request.Limit + 1 });
        var ids = await ReadIdsAsync(command, cancellationToken);
        var page = ids.Take(request.Limit).ToList();
        if (backwards) page.Reverse();
        return new ThreadPage(await CurrentAsync(tenant, page, cancellationToken), ids.Count > request.Limit);
    }

    /// <summary>The history of a run, large values looked up; null if the run is not in the ledger.</summary>
    public async Task<RunHistory?> HistoryAsync(TenantId tenant, RunId run, CancellationToken cancellationToken) =>
        (await HistoriesAsync(tenant, [run.Value], cancellationToken)).GetValueOrDefault(run.Value);

    /// <summary>The snapshot of a run as last observed; null if the run is not in the ledger.</summary>
    public async Task<JsonText?> CurrentAsync(TenantId tenant, RunId run, CancellationToken cancellationToken) =>
        await CurrentAsync(tenant, [run.Value], cancellationToken) is [var current] ? current.Json : null;

    /// <summary>The snapshot that the observation behind a version showed; null if there is no such version.</summary>
    public async Task<JsonText?> AtVersionAsync(TenantId tenant, RunId run, long version, CancellationToken cancellationToken) =>
        await JsonAsync(tenant, (await HistoryAsync(tenant, run, cancellationToken))?.SnapshotAt(version), cancellationToken);

    /// <summary>The snapshot of a run as it was at a time; null if it was not known then.</summary>
    public async Task<JsonText?> AsOfAsync(TenantId tenant, RunId run, DateTimeOffset time, CancellationToken cancellationToken) =>
        await JsonAsync(tenant, (await HistoryAsync(tenant, run, cancellationToken))?.SnapshotAsOf(time), cancellationToken);

    /// <summary>Writes a snapshot's fields as JSON, large values looked up; null stays null.</summary>
    public async Task<JsonText?> JsonAsync(TenantId tenant, SnapshotFields? fields, CancellationToken cancellationToken) =>
        fields?.ToJson(await _contents.ReadAsync(tenant, fields.Missing(), cancellationToken));

    /// <summary>A look-up of large values that events of a tenant refer to.</summary>
    public Task<Func<ContentReference, JsonText>> ContentsAsync(TenantId tenant, IEnumerable<ContentReference> references, CancellationToken cancellationToken) =>
        _contents.ReadAsync(tenant, references, cancellationToken);

    /// <summary>The histories of many runs, read with one query.</summary>
    public async Task<IReadOnlyDictionary<string, RunHistory>> HistoriesAsync(TenantId tenant, IReadOnlyList<string> runs, CancellationToken cancellationToken)
    {
        await using var command = Command("Runs/read_events.sql", tenant.Value);
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. runs.Select(QueryParameter.Holdable)] });
        await using var reader = await dataSource.ReadAsync(command, cancellationToken);
        var histories = new Dictionary<string, RunHistory>(runs.Count, StringComparer.Ordinal);
        while (await reader.ReadAsync(cancellationToken))
        {
            var id = reader.GetString(0);
            if (!histories.TryGetValue(id, out var history)) histories.Add(id, history = new RunHistory(new RunId(id), new List<RecordedEvent>()));
            ((List<RecordedEvent>)history.Events).Add(RecordedEventOf(reader));
        }
        return histories;
    }

    /// <summary>The ids of the runs that follow a run in the order of ids; the first ones after the empty id.</summary>
    public async Task<IReadOnlyList<string>> NextAsync(TenantId tenant, string after, int limit, CancellationToken cancellationToken)
    {
        await using var command = Command("Runs/next_runs.sql", tenant.Value, after);
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = limit });
        return await ReadIdsAsync(command, cancellationToken);
    }

    /// <summary>The tenants that have runs.</summary>
    public async Task<IReadOnlyList<TenantId>> TenantsAsync(CancellationToken cancellationToken)
    {
        await using var command = Command("Runs/list_tenants.sql");
        return [.. (await ReadIdsAsync(command, cancellationToken)).Select(name => new TenantId(name))];
    }

    private async Task<IReadOnlyList<RunSnapshot>> CurrentAsync(TenantId tenant, IReadOnlyList<string> runs, CancellationToken cancellationToken)
    {
        var histories = await HistoriesAsync(tenant, runs, cancellationToken);
        var current = runs.Where(histories.ContainsKey).Select(run => (run, histories[run].Current.Fields)).ToList();
        var contents = await _contents.ReadAsync(tenant, current.SelectMany(run => run.Fields.Missing()), cancellationToken);
        return [.. current.Select(run => new RunSnapshot(run.run, run.Fields.ToJson(contents)))];
    }

    private async Task<RunCursor?> BoundAsync(TenantId tenant, string threadId, string? run, CancellationToken cancellationToken)
    {
        if (run is null) return null;
        return await FindAsync(tenant, new RunId(run), cancellationToken) is { } view && view.ThreadId == threadId && view.Kind == RunKind.ThreadRun.Name()
            ? new RunCursor(view.CreatedAt, view.RunId)
            : throw new KeyNotFoundException($"No run found with id '{run}'.");
    }

    private NpgsqlCommand Command(string path, params ReadOnlySpan<string?> parameters)
    {
        var command = dataSource.CreateCommand(Sql.Text(path));
        foreach (var parameter in parameters) command.Parameters.Add(QueryParameter.Text(parameter));
        return command;
    }

    private async Task<List<string>> ReadIdsAsync(NpgsqlCommand command, CancellationToken cancellationToken)
    {
        await using var reader = await dataSource.ReadAsync(command, cancellationToken);
        var ids = new List<string>();
        while (await reader.ReadAsync(cancellationToken)) ids.Add(reader.GetString(0));
        return ids;
    }

    private async Task<List<RunView>> ReadViewsAsync(NpgsqlCommand command, CancellationToken cancellationToken)
    {
        await using var reader = await dataSource.ReadAsync(command, cancellationToken);
        var views = new List<RunView>();
        while (await reader.ReadAsync(cancellationToken)) views.Add(View(reader));
        return views;
    }

    /// <summary>The row of a run, its columns in the order of <c>find_run.sql</c>.</summary>
    internal static RunView View(NpgsqlDataReader row) => new()
    {
        RunId = row.GetString(0),
        Kind = row.GetString(1),
        ThreadId = row.GetText(2),
        AssistantId = row.GetText(3),
        Model = row.GetText(4),
        Status = row.GetString(5),
        CreatedAt = row.GetFieldValue<DateTimeOffset>(6),
        StartedAt = row.GetFieldValue<DateTimeOffset?>(7),
        EndedAt = row.GetFieldValue<DateTimeOffset?>(8),
        ExpiresAt = row.GetFieldValue<DateTimeOffset?>(9),
        FirstObservedAt = row.GetFieldValue<DateTimeOffset>(10),
        LastObservedAt = row.GetFieldValue<DateTimeOffset>(11),
        Version = row.GetInt64(12),
        Metadata = row.GetText(13) is { } metadata ? new JsonText(Encoding.UTF8.GetBytes(metadata)) : null,
        ErrorCode = row.GetText(14),
        ErrorMessage = row.GetText(15),
        IncompleteReason = row.GetText(16),
        ToolCalls = row.GetInt32(17),
        ToolNames = row.GetText(25),
        LateObservations = row.GetInt32(18),
        Contradictions = row.GetInt32(19),
        Usage = row.IsDBNull(20) ? null
            : new TokenUsage(row.GetInt64(20), row.GetInt64(21), row.GetInt64(22), row.GetInt64(23), row.GetInt64(24)),
    };

    private static RecordedEvent RecordedEventOf(NpgsqlDataReader row) => new(
        row.GetInt64(1),
        row.GetInt64(2),
        row.GetFieldValue<DateTimeOffset>(3),
        RunEventJson.Read(row.GetString(4), new JsonText(Encoding.UTF8.GetBytes(row.GetString(5)))),
        row.GetText(6));
}
