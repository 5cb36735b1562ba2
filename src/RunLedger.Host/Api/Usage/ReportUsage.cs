using System.Net.Mime;
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

    private static UsageColumn Column(string name) =>
        UsageColumn.Named(name) ?? throw ApiException.OfParameter("group_by", $"names '{name}', none of {UsageColumn.AllNames}");
}
