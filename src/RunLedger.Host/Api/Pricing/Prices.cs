using RunLedger.Domain.Pricing;
using RunLedger.Host.Api.Http;
using RunLedger.Host.Api.Keys;
using RunLedger.Host.Api.Observations;
using RunLedger.Host.Api.Problems;
using RunLedger.Postgres;

namespace RunLedger.Host.Api.Pricing;

/// <summary><c>/v1/prices</c>: what tokens cost, as far as the caller's tenant knows.</summary>
internal static class Prices
{
    private const int LargestBody = 64 * 1024 * 1024;

    public static async Task ListAsync(HttpContext context, Ledger ledger)
    {
        new ApiQuery(context).RefuseOthers();
        var prices = await ledger.Prices.ListAsync(context.Tenant(), context.RequestAborted);
        await Answer.JsonAsync(context, PriceListAnswer.Of(prices), ApiJson.Web.PriceListAnswer);
    }

    /// <summary>Takes prices in, all or none.</summary>
    public static async Task SetAsync(HttpContext context, Ledger ledger, TimeProvider clock)
    {
        var query = new ApiQuery(context);
        query.RefuseOthers("from", "provider");
        var from = From(query) ?? Price.Always;
        var read = PriceList.Read(await RequestBody.ReadAsync(context, LargestBody), from, query.Text("provider"));
        if (read.Value is not { } list) throw new ApiException(StatusCodes.Status400BadRequest, $"No price was taken in: {read.Defect}.");
        var changes = await ledger.Prices.SetAsync(context.Tenant(), list, "api", clock.GetUtcNow(), context.RequestAborted);
        await Answer.JsonAsync(context, PriceChangesAnswer.Of(changes, list), ApiJson.Web.PriceChangesAnswer);
    }

    public static async Task RemoveAsync(HttpContext context, Ledger ledger)
    {
        var query = new ApiQuery(context);
        query.RefuseOthers("model", "from");
        var model = query.Required("model");
        var removed = await ledger.Prices.RemoveAsync(context.Tenant(), model, From(query), context.RequestAborted);
        await Answer.JsonAsync(context, new PricesRemovedAnswer(removed), ApiJson.Web.PricesRemovedAnswer);
    }

    private static DateTimeOffset? From(ApiQuery query) => query.Time("from") is not { } from ? null
        : from.UtcTicks % TimeSpan.TicksPerHour == 0 ? from
        : throw ApiException.OfParameter("from", "is no whole hour: usage is summed by the hour");
}
