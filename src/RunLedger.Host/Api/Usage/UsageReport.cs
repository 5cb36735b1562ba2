using System.Text.Json.Serialization;
using RunLedger.Domain.Pricing;
using RunLedger.Domain.Usage;
using RunLedger.Postgres.Usage;

namespace RunLedger.Host.Api.Usage;

/// <summary>A usage report.</summary>
/// <param name="Data">One row for each group that has runs.</param>
/// <param name="Totals">The sum of all rows.</param>
public sealed record UsageReport(IReadOnlyList<UsageAnswer> Data, UsageAnswer Totals)
{
    /// <summary><c>list</c>.</summary>
    [JsonPropertyOrder(-1)]
    public string Object => "list";

    internal static UsageReport Of(IReadOnlyList<UsageColumn> columns, IReadOnlyList<UsageRow> rows) => new(
        [.. rows.Select(row => UsageAnswer.Of(columns, row))],
        UsageAnswer.Of([], UsageTotals.Of(rows)));
}

/// <summary>Runs and tokens of a group. What it is not grouped by is not there; an empty text is of runs that name none.</summary>
public sealed record UsageAnswer
{
    /// <summary>The day, UTC.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Day { get; init; }

    /// <summary>The start of the hour.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Hour { get; init; }

    /// <summary>The model.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Model { get; init; }

    /// <summary>The assistant.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? AssistantId { get; init; }

    /// <summary>The thread, or the conversation of responses.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? ThreadId { get; init; }

    /// <summary><c>thread.run</c> or <c>response</c>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Kind { get; init; }

    /// <summary>The tools that the runs called, with commas between.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? ToolName { get; init; }

    /// <summary>The metadata keys grouped by, with this group's values.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, string>? Metadata { get; init; }

    /// <summary>All runs.</summary>
    public required long Runs { get; init; }

    /// <summary>Those that completed.</summary>
    public required long Completed { get; init; }

    /// <summary>Those that failed.</summary>
    public required long Failed { get; init; }

    /// <summary>Those that were cancelled.</summary>
    public required long Cancelled { get; init; }

    /// <summary>Those that ended at a limit.</summary>
    public required long Incomplete { get; init; }

    /// <summary>Those that expired.</summary>
    public required long Expired { get; init; }

    /// <summary>Input tokens, cached ones included.</summary>
    public required long PromptTokens { get; init; }

    /// <summary>Output tokens, reasoning included.</summary>
    public required long CompletionTokens { get; init; }

    /// <summary>The totals as the APIs state them.</summary>
    public required long TotalTokens { get; init; }

    /// <summary>Input tokens that were read from a cache.</summary>
    public required long CachedTokens { get; init; }

    /// <summary>Output tokens that were spent on reasoning.</summary>
    public required long ReasoningTokens { get; init; }

    /// <summary>What the tokens cost that have a price, in US dollars; null if none of them has one.</summary>
    public required decimal? CostUsd { get; init; }

    /// <summary>How many tokens have no price, and so are not in the cost.</summary>
    public required long UnpricedTokens { get; init; }

    /// <summary>Whose tokens these are; an empty text is of runs that name no model.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? UnpricedModels { get; init; }

    internal static UsageAnswer Of(IReadOnlyList<UsageColumn> columns, UsageRow row)
    {
        string? Value(UsageDimension dimension) => columns.FirstOrDefault(column => column.Dimension == dimension)?.ValueIn(row);

        return new UsageAnswer
        {
            Day = Value(UsageDimension.Day),
            Hour = Value(UsageDimension.Hour),
            Model = Value(UsageDimension.Model),
            AssistantId = Value(UsageDimension.Assistant),
            ThreadId = Value(UsageDimension.Thread),
            Kind = Value(UsageDimension.Kind),
            ToolName = Value(UsageDimension.Tool),
            Metadata = columns.Any(column => column.MetadataKey is not null) ? row.Metadata.ToDictionary() : null,
            Runs = row.Amounts.Runs,
            Completed = row.Amounts.Completed,
            Failed = row.Amounts.Failed,
            Cancelled = row.Amounts.Cancelled,
            Incomplete = row.Amounts.Incomplete,
            Expired = row.Amounts.Expired,
            PromptTokens = row.Amounts.Tokens.Prompt,
            CompletionTokens = row.Amounts.Tokens.Completion,
            TotalTokens = row.Amounts.Tokens.Total,
            CachedTokens = row.Amounts.Tokens.Cached,
            ReasoningTokens = row.Amounts.Tokens.Reasoning,
            CostUsd = row.Cost.Usd,
            UnpricedTokens = row.Cost.UnpricedTokens,
            UnpricedModels = row.Cost.UnpricedModels is { Count: > 0 } models ? models : null,
        };
    }
}

/// <summary>The last row of a report.</summary>
internal static class UsageTotals
{
    /// <summary>The sum of all rows.</summary>
    public static UsageRow Of(IReadOnlyList<UsageRow> rows) => new()
    {
        Amounts = rows.Aggregate(default(UsageAmounts), (sum, row) => sum + row.Amounts),
        Cost = rows.Aggregate(UsageCost.None, (sum, row) => sum + row.Cost),
    };
}
