using System.Text;
using RunLedger.Host.Api.Http;
using RunLedger.Postgres.Usage;

namespace RunLedger.Host.Api.Usage;

/// <summary>A column that usage is grouped by.</summary>
/// <param name="Name">Its name in reports.</param>
/// <param name="Dimension">The dimension; null for metadata.</param>
/// <param name="MetadataKey">The metadata key; null for a dimension.</param>
internal sealed record UsageColumn(string Name, UsageDimension? Dimension, string? MetadataKey)
{
    /// <summary>The names that there are, for messages.</summary>
    public const string AllNames = "model, assistant, thread, day, hour, kind, tool.name, metadata.KEY";

    private const string MetadataPrefix = "metadata.";

    /// <summary>The column that a caller names; null if there is none of that name.</summary>
    public static UsageColumn? Named(string name) => name switch
    {
        "model" => new UsageColumn("model", UsageDimension.Model, null),
        "assistant" or "assistant_id" => new UsageColumn("assistant_id", UsageDimension.Assistant, null),
        "thread" or "thread_id" => new UsageColumn("thread_id", UsageDimension.Thread, null),
        "day" => new UsageColumn("day", UsageDimension.Day, null),
        "hour" => new UsageColumn("hour", UsageDimension.Hour, null),
        "kind" => new UsageColumn("kind", UsageDimension.Kind, null),
        "tool.name" or "tool" => new UsageColumn("tool.name", UsageDimension.Tool, null),
        _ when name.StartsWith(MetadataPrefix, StringComparison.Ordinal) && name.Length > MetadataPrefix.Length && ApiQuery.IsHoldable(name) =>
            new UsageColumn(name, null, name[MetadataPrefix.Length..]),
        _ => null,
    };

    /// <summary>The names in a list with commas between them. One that has a comma itself stands in quotes, as in CSV: <c>model,"metadata.a,b"</c>.</summary>
    public static IEnumerable<string> NamesIn(string list)
    {
        var (names, name, isQuoted) = (new List<string>(), new StringBuilder(), false);
        for (var i = 0; i < list.Length; i++)
        {
            if (isQuoted && list[i] == '"' && i + 1 < list.Length && list[i + 1] == '"') name.Append(list[i++]);
            else if (list[i] == '"' && (isQuoted || string.IsNullOrWhiteSpace(name.ToString()))) isQuoted = !isQuoted;
            else if (list[i] != ',' || isQuoted) name.Append(list[i]);
            else
            {
                names.Add(name.ToString().Trim());
                name.Clear();
            }
        }
        return names.Append(name.ToString().Trim()).Where(one => one.Length > 0);
    }

    /// <summary>The value of this column in a row; empty for runs that name none.</summary>
    public string ValueIn(UsageRow row) => Dimension switch
    {
        UsageDimension.Model => row.Model,
        UsageDimension.Assistant => row.AssistantId,
        UsageDimension.Thread => row.ThreadId,
        UsageDimension.Kind => row.Kind,
        UsageDimension.Tool => row.Tool,
        UsageDimension.Day => row.Time?.UtcDateTime.ToString("yyyy-MM-dd", null),
        UsageDimension.Hour => row.Time?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", null),
        _ => row.Metadata.First(pair => pair.Key == MetadataKey).Value,
    } ?? "";
}
