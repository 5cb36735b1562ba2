using RunLedger.Host.Api.Http;
using RunLedger.Host.Api.Keys;
using RunLedger.Host.Api.Problems;
using RunLedger.Postgres;
using RunLedger.Postgres.Usage;

namespace RunLedger.Host.Api.OrganizationUsage;

/// <summary>
/// <c>GET /v1/organization/usage/completions</c>: the figures of <c>GET /v1/usage</c> as OpenAI's organization usage API shows them (API reference,
/// "Usage: completions"), so that tools for that API read the ledger.
/// </summary>
internal static class ReportCompletions
{
    /// <summary>What that API groups by. The ledger knows the model of a run, and of the others none.</summary>
    public static readonly string[] Groups = ["model", "project_id", "user_id", "api_key_id", "batch", "service_tier", "api_source"];

    private static readonly string[] UnknownFilters = ["project_ids", "user_ids", "api_key_ids", "batch"];

    public static async Task ReportAsync(HttpContext context, Ledger ledger, TimeProvider clock)
    {
        var query = new ApiQuery(context);
        RefuseUnknownFilters(context.Request.Query);
        query.RefuseOthers("start_time", "end_time", "bucket_width", "group_by", "group_by[]", "models", "models[]", "limit", "page");
        var (byModel, models) = (GroupsOf(query).Contains("model"), query.List("models"));
        var page = PageOf(query, clock.GetUtcNow());

        IReadOnlyList<UsageSum> sums = [];
        if (!page.IsEmpty)
            sums = await ledger.Usage.SumAsync(
                context.Tenant(), page.Series with { ByModel = byModel, Models = models.Count == 0 ? null : models }, context.RequestAborted);
        await Answer.JsonAsync(context, CompletionsPage.Of(page, sums), ApiJson.Web.CompletionsPage);
    }

    private static BucketPage PageOf(ApiQuery query, DateTimeOffset now)
    {
        var width = BucketWidth.Named(query.Word("bucket_width", "1m", "1h", "1d") ?? "1d")!;
        var start = query.Seconds("start_time") ?? throw ApiException.OfParameter("start_time", "is missing");
        var end = query.Seconds("end_time");
        if (end <= start) throw ApiException.OfParameter("end_time", "is not after start_time");
        var first = BucketPage.First(width, start, end, now, query.Limit(width.StandardLimit, width.LargestLimit));
        return query.Text("page") is not { } given ? first
            : BucketCursor.Parse(given) is { } cursor && cursor.IsWithin(first) ? first with { Since = cursor.Next, Until = cursor.Until }
            : throw ApiException.OfParameter("page", "is not a next_page of this report");
    }

    private static IReadOnlyList<string> GroupsOf(ApiQuery query)
    {
        var given = query.List("group_by");
        return given.FirstOrDefault(name => !Groups.Contains(name)) is { } unknown
            ? throw ApiException.OfParameter("group_by", $"names '{unknown}', none of {string.Join(", ", Groups)}")
            : given;
    }

    // An answer about all of them, or about none, would be taken for one about those asked for.
    private static void RefuseUnknownFilters(IQueryCollection query)
    {
        foreach (var name in UnknownFilters)
            if (query.ContainsKey(name) || query.ContainsKey($"{name}[]"))
                throw ApiException.OfParameter(name, "cannot be filtered by: the ledger does not know it of a run");
    }
}
