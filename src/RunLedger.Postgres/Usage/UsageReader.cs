using Npgsql;
using RunLedger.Domain.Observations;
using RunLedger.Domain.Pricing;
using RunLedger.Domain.Usage;
using RunLedger.Postgres.Pricing;
using RunLedger.Postgres.Replay;

namespace RunLedger.Postgres.Usage;

/// <summary>
/// Reports token usage and what it costs. A run counts at the time at which it ended, or at which it was created while it has not ended.
/// </summary>
public sealed class UsageReader(NpgsqlDataSource dataSource, PriceStore prices, ViewRegister views)
{
    /// <summary>
    /// Makes a report: from the hourly buckets where these have what is asked for, else from the runs. Both are written in the
    /// transaction that appends the events, so that the answer is the same.
    /// </summary>
    /// <returns>One row for each group that has runs, ordered by time and then by the other dimensions.</returns>
    /// <exception cref="OutdatedViewException">The report needs something that the views do not have yet: they are being rebuilt.</exception>
    public Task<IReadOnlyList<UsageRow>> ReportAsync(TenantId tenant, UsageQuery query, CancellationToken cancellationToken) =>
        ByLiveViewsAsync(live => ReportAsync(tenant, query, live, cancellationToken), cancellationToken);

    /// <summary>
    /// Sums usage by stretches of time: whole hours from the hourly buckets, what is less from the runs. The figures are those of a report between the same
    /// times.
    /// </summary>
    /// <returns>One sum for each stretch, and model if it is asked for, in which something ended or tokens were used, ordered by time and model.</returns>
    public Task<IReadOnlyList<UsageSum>> SumAsync(TenantId tenant, UsageSeries series, CancellationToken cancellationToken) =>
        ByLiveViewsAsync(live => SumAsync(tenant, series, live, cancellationToken), cancellationToken);

    private async Task<T> ByLiveViewsAsync<T>(Func<LiveViews, Task<T>> read, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return await read(await views.LiveAsync(cancellationToken));
            }
            catch (PostgresException changed) when (changed.SqlState == LiveViews.OtherDefinitions)
            {
                views.Forget();
            }
        }
    }

    private async Task<IReadOnlyList<UsageRow>> ReportAsync(TenantId tenant, UsageQuery query, LiveViews live, CancellationToken cancellationToken)
    {
        var fitsBuckets = query.FitsBuckets(live.Dimensions);
        if (!fitsBuckets && query.GroupBy.Contains(UsageDimension.Tool) && live.RunsVersion < 2) throw new OutdatedViewException(ConfiguredDimension.ToolName);
        var book = await prices.BookAsync(tenant, cancellationToken);
        await using var command = dataSource.CreateCommand(Sql.Text(fitsBuckets ? "Usage/report_buckets.sql" : "Usage/report_runs.sql"));
        command.Parameters.Add(QueryParameter.Text(tenant.Value));
        command.Parameters.Add(QueryParameter.Time(query.Since));
        command.Parameters.Add(QueryParameter.Time(query.Until));
        command.Parameters.Add(QueryParameter.Text(query.Model));
        command.Parameters.Add(QueryParameter.Text(query.AssistantId));
        foreach (var dimension in (ReadOnlySpan<UsageDimension>)[UsageDimension.Model, UsageDimension.Assistant, UsageDimension.Hour, UsageDimension.Day, UsageDimension.Kind])
            command.Parameters.Add(new NpgsqlParameter<bool> { TypedValue = query.GroupBy.Contains(dimension) });
        command.Parameters.Add(QueryParameter.Text(query.Kind));
        if (!fitsBuckets) AddRunParameters(command, query);
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset[]> { TypedValue = [.. book.Changes] });
        if (fitsBuckets) command.Parameters.Add(Keys(query));
        command.Parameters.Add(new NpgsqlParameter<bool> { TypedValue = query.GroupBy.Contains(UsageDimension.Tool) });
        if (fitsBuckets) command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = live.Epoch });
        else AddDerivation(command, live);

        await using var reader = await dataSource.ReadAsync(command, cancellationToken);
        var rows = new List<UsageRow>();
        while (await reader.ReadAsync(cancellationToken))
        {
            var part = Row(reader, query, book);
            if (rows is [.., var last] && last.IsOfGroup(part)) rows[^1] = last with { Amounts = last.Amounts + part.Amounts, Cost = last.Cost + part.Cost };
            else rows.Add(part);
        }
        return rows;
    }

    private async Task<IReadOnlyList<UsageSum>> SumAsync(TenantId tenant, UsageSeries series, LiveViews live, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(Sql.Text("Usage/sum_usage.sql"));
        command.Parameters.Add(QueryParameter.Text(tenant.Value));
        command.Parameters.Add(QueryParameter.Time(series.Since));
        command.Parameters.Add(QueryParameter.Time(series.Until));
        command.Parameters.Add(QueryParameter.Text(NameOf(series.Width)));
        command.Parameters.Add(QueryParameter.Texts(series.Models));
        command.Parameters.Add(new NpgsqlParameter<bool> { TypedValue = series.ByModel });
        command.Parameters.Add(new NpgsqlParameter<bool> { TypedValue = live.UsageVersion >= 2 });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = live.Epoch });
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset[]> { TypedValue = [.. series.PartedHours()] });

        await using var reader = await dataSource.ReadAsync(command, cancellationToken);
        var sums = new List<UsageSum>();
        while (await reader.ReadAsync(cancellationToken))
            sums.Add(new UsageSum(
                reader.GetFieldValue<DateTimeOffset>(0), reader.GetText(1), reader.GetInt64(2), reader.GetInt64(3), reader.GetInt64(4), reader.GetInt64(5)));
        return sums;
    }

    private static string NameOf(UsageWidth width) => width switch
    {
        UsageWidth.Minute => "minute",
        UsageWidth.Hour => "hour",
        _ => "day",
    };

    private static void AddRunParameters(NpgsqlCommand command, UsageQuery query)
    {
        command.Parameters.Add(new NpgsqlParameter<bool> { TypedValue = query.GroupBy.Contains(UsageDimension.Thread) });
        command.Parameters.Add(Keys(query));
        command.Parameters.Add(QueryParameter.Text(query.ThreadId));
        foreach (var parameter in QueryParameter.Metadata(query.Metadata)) command.Parameters.Add(parameter);
    }

    // What buckets of the live version have, so that both say the same.
    private static void AddDerivation(NpgsqlCommand command, LiveViews live)
    {
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = UsageContribution.LongestValue(live.Dimensions.Length, live.UsageVersion) });
        command.Parameters.Add(new NpgsqlParameter<bool> { TypedValue = live.UsageVersion >= 2 });
    }

    private static NpgsqlParameter<string[]> Keys(UsageQuery query) =>
        new() { TypedValue = [.. query.MetadataKeys.Select(QueryParameter.Holdable)] };

    private static UsageRow Row(NpgsqlDataReader row, UsageQuery query, PriceBook book)
    {
        var amounts = new UsageAmounts(
            row.GetInt64(5), row.GetInt64(6), row.GetInt64(7), row.GetInt64(8), row.GetInt64(9), row.GetInt64(10),
            new TokenUsage(row.GetInt64(11), row.GetInt64(12), row.GetInt64(13), row.GetInt64(14), row.GetInt64(15)));
        return new UsageRow
        {
            Model = row.GetText(0),
            AssistantId = row.GetText(1),
            ThreadId = row.GetText(2),
            Time = row.GetFieldValue<DateTimeOffset?>(3),
            Metadata = query.MetadataKeys.Count == 0 ? [] : [.. query.MetadataKeys.Zip(row.GetFieldValue<string[]>(4), KeyValuePair.Create)],
            Kind = row.GetText(16),
            Tool = row.GetText(19),
            Amounts = amounts,
            Cost = Cost(row.GetString(17), row.GetInt32(18), amounts.Tokens, book),
        };
    }

    // The stretch before the first change has the number 0.
    private static UsageCost Cost(string model, int stretch, TokenUsage tokens, PriceBook book) =>
        UsageCost.Of(model, tokens, stretch == 0 ? null : book.Of(model, book.Changes[stretch - 1]));
}

/// <summary>What a usage report can be grouped by.</summary>
public enum UsageDimension
{
    /// <summary>The model.</summary>
    Model,

    /// <summary>The assistant.</summary>
    Assistant,

    /// <summary>The thread, or the conversation of a response.</summary>
    Thread,

    /// <summary>The day, UTC.</summary>
    Day,

    /// <summary>The hour, UTC.</summary>
    Hour,

    /// <summary>The API's object: <c>thread.run</c> or <c>response</c>.</summary>
    Kind,

    /// <summary>The tools that a run called.</summary>
    Tool,
}

/// <summary>Which usage to report; what is null does not filter.</summary>
public sealed record UsageQuery
{
    /// <summary>The dimensions to group by; with none and no metadata keys the report is one row.</summary>
    public IReadOnlyList<UsageDimension> GroupBy { get; init; } = [];

    /// <summary>The metadata keys to group by.</summary>
    public IReadOnlyList<string> MetadataKeys { get; init; } = [];

    /// <summary>The earliest time. UTC.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>The time before which usage counts. UTC.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>The model.</summary>
    public string? Model { get; init; }

    /// <summary>The assistant.</summary>
    public string? AssistantId { get; init; }

    /// <summary>The thread, or the conversation of a response.</summary>
    public string? ThreadId { get; init; }

    /// <summary><c>thread.run</c> or <c>response</c>.</summary>
    public string? Kind { get; init; }

    /// <summary>Metadata that a run must have.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>();

    /// <summary>
    /// Whether hourly buckets can answer: they know no threads and no parts of hours, and of metadata and tools only the dimensions that they are kept by.
    /// </summary>
    internal bool FitsBuckets(IReadOnlyCollection<ConfiguredDimension> kept) =>
        !GroupBy.Contains(UsageDimension.Thread) && ThreadId is null && Metadata.Count == 0 && IsWholeHour(Since) && IsWholeHour(Until)
        && MetadataKeys.All(key => kept.Any(dimension => dimension.Name == $"metadata.{key}"))
        && (!GroupBy.Contains(UsageDimension.Tool) || kept.Any(dimension => dimension.Name == ConfiguredDimension.ToolName));

    private static bool IsWholeHour(DateTimeOffset? time) => time is null || time.Value.UtcTicks % TimeSpan.TicksPerHour == 0;
}

/// <summary>A row of a usage report. Dimensions that it is not grouped by are null; an empty string is a run that names none.</summary>
public sealed record UsageRow
{
    /// <summary>The model.</summary>
    public string? Model { get; init; }

    /// <summary>The assistant.</summary>
    public string? AssistantId { get; init; }

    /// <summary>The thread, or the conversation of a response.</summary>
    public string? ThreadId { get; init; }

    /// <summary><c>thread.run</c> or <c>response</c>.</summary>
    public string? Kind { get; init; }

    /// <summary>The tools called, with commas between.</summary>
    public string? Tool { get; init; }

    /// <summary>The start of the hour or day. UTC.</summary>
    public DateTimeOffset? Time { get; init; }

    /// <summary>The metadata keys grouped by, with this row's values.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Metadata { get; init; } = [];

    /// <summary>The runs and tokens.</summary>
    public UsageAmounts Amounts { get; init; }

    /// <summary>What the tokens cost.</summary>
    public UsageCost Cost { get; init; } = UsageCost.None;

    internal bool IsOfGroup(UsageRow other) =>
        Model == other.Model && AssistantId == other.AssistantId && ThreadId == other.ThreadId && Kind == other.Kind && Tool == other.Tool && Time == other.Time
        && Metadata.SequenceEqual(other.Metadata);
}
