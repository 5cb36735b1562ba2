using System.Net.Mime;
using System.Text;
using Microsoft.Net.Http.Headers;
using RunLedger.Host.Api.Http;
using RunLedger.Host.Api.Keys;
using RunLedger.Host.Api.Problems;
using RunLedger.Postgres;
using RunLedger.Postgres.Usage;

namespace RunLedger.Host.Api.Usage;

/// <summary><c>GET /v1/usage</c>: how many runs, and how many tokens they used, by what the caller groups by; as JSON or CSV.</summary>
internal static class ReportUsage
{
    private const string MetadataPrefix = "metadata.";

    public static async Task ReportAsync(HttpContext context, Ledger ledger)
    {
        var query = new ApiQuery(context);
        query.RefuseOthers(
            "group_by", "since", "until", "model", "assistant_id", "assistant", "thread_id", "thread", "kind", "metadata");
        var columns = Columns(context.Request.Query["group_by"]!);
        var rows = await ledger.Usage.ReportAsync(context.Tenant(), QueryOf(query, columns), context.RequestAborted);
        context.Response.Headers.Vary = HeaderNames.Accept;
        if (AcceptedTypes.Prefers(context.Request, MediaTypeNames.Text.Csv, MediaTypeNames.Application.Json))
            await Answer.BytesAsync(context, UsageCsv.Of(columns, rows), "text/csv; charset=utf-8; header=present");
        else await Answer.JsonAsync(context, UsageReport.Of(columns, rows), ApiJson.Web.UsageReport);
    }

    private static UsageQuery QueryOf(ApiQuery query, IReadOnlyList<UsageColumn> columns) => new()
    {
        GroupBy = [.. columns.Select(column => column.Dimension).OfType<UsageDimension>()],
        MetadataKeys = [.. columns.Select(column => column.MetadataKey).OfType<string>()],
        Since = query.Time("since"),
        Until = query.Time("until"),
        Model = query.Text("model"),
        AssistantId = query.Text("assistant_id", "assistant"),
        ThreadId = query.Text("thread_id", "thread"),
        Kind = query.Word("kind", "thread.run", "response"),
        Metadata = query.Metadata(),
    };

    private static List<UsageColumn> Columns(IEnumerable<string> given)
    {
        var columns = given.SelectMany(UsageColumn.NamesIn).Select(Column).ToList();
        if (columns.DistinctBy(column => column.Name).Count() < columns.Count) throw ApiException.OfParameter("group_by", "names something more than once");
        return columns.Exists(column => column.Dimension == UsageDimension.Day) && columns.Exists(column => column.Dimension == UsageDimension.Hour)
            ? throw ApiException.OfParameter("group_by", "names both day and hour: every hour is of one day")
            : columns;
    }

    private static UsageColumn Column(string name) => name switch
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
        _ => throw ApiException.OfParameter("group_by", $"names '{name}', none of model, assistant, thread, day, hour, kind, tool.name, metadata.KEY"),
    };
}

/// <summary>A column that usage is grouped by.</summary>
/// <param name="Name">Its name in reports.</param>
/// <param name="Dimension">The dimension; null for metadata.</param>
/// <param name="MetadataKey">The metadata key; null for a dimension.</param>
internal sealed record UsageColumn(string Name, UsageDimension? Dimension, string? MetadataKey)
{
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
