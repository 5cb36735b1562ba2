using System.Globalization;
using System.Text;
using System.Text.Json.Serialization;
using RunLedger.Host.Api.Http;
using RunLedger.Host.Api.Keys;
using RunLedger.Host.Api.Observations;
using RunLedger.Postgres;
using RunLedger.Postgres.Quarantine;

namespace RunLedger.Host.Api.Quarantine;

/// <summary><c>GET /v1/quarantine</c>: the input that could not be recorded and waits, oldest first.</summary>
internal static class ListQuarantine
{
    public static async Task ListAsync(HttpContext context, Ledger ledger)
    {
        var query = new ApiQuery(context);
        query.RefuseOthers("limit", "cursor");
        var (limit, after) = (query.Limit(20, 100), query.Number("cursor") ?? 0);
        var items = await ledger.Quarantine.ListAsync(context.Tenant(), after, limit + 1, context.RequestAborted);
        var page = items.Take(limit).Select(WaitingAnswer.Of).ToList();
        var next = items.Count > limit ? page[^1].Id.ToString(CultureInfo.InvariantCulture) : null;
        await Answer.JsonAsync(context, new QuarantineList(page, next), ApiJson.Web.QuarantineList);
    }
}

/// <summary>A page of waiting items.</summary>
/// <param name="Data">The items.</param>
/// <param name="NextCursor">Where the next page begins; null if this is the last.</param>
public sealed record QuarantineList(IReadOnlyList<WaitingAnswer> Data, string? NextCursor)
{
    /// <summary><c>list</c>.</summary>
    [JsonPropertyOrder(-1)]
    public string Object => "list";
}

/// <summary>An item in quarantine.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Source">The way it came.</param>
/// <param name="Error">Why it could not be recorded.</param>
/// <param name="ReceivedAt">When it came.</param>
/// <param name="RetriedAt">When it was last retried.</param>
/// <param name="Bytes">How many bytes it has.</param>
/// <param name="Beginning">Its text, of which at most the first 4,096 bytes.</param>
public sealed record WaitingAnswer(long Id, string Source, ItemError Error, DateTime ReceivedAt, DateTime? RetriedAt, int Bytes, string Beginning)
{
    /// <summary>The answer for an item.</summary>
    public static WaitingAnswer Of(WaitingItem item) => new(
        item.Id,
        item.Source,
        ItemError.Of(item.Pointer, item.Defect),
        item.ReceivedAt.UtcDateTime,
        item.RetriedAt?.UtcDateTime,
        item.Bytes,
        Encoding.UTF8.GetString(item.Beginning.Span));
}
