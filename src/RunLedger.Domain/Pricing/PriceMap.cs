using System.Globalization;
using System.Text.Json;
using RunLedger.Domain.Observations;

namespace RunLedger.Domain.Pricing;

/// <summary>
/// Reads LiteLLM's price map, <c>model_prices_and_context_window.json</c>: an object with an entry for each model. Of an entry the prices by the token
/// count; prices for longer contexts, batches, audio or images have no tokens of their own in a run's usage.
/// </summary>
internal static class PriceMap
{
    private const string Explanation = "sample_spec";

    public static Checked<PriceList> Read(JsonElement map, DateTimeOffset from, string? provider)
    {
        var (prices, skipped) = (new List<Price>(), 0);
        foreach (var entry in map.EnumerateObject())
        {
            if (entry.Value.ValueKind != JsonValueKind.Object) return new Defect(entry.Name, "is no object: this is neither a list of prices nor a price map");
            if (entry.Name == Explanation) continue;
            var read = ReadEntry(entry.Name, entry.Value, from, provider);
            if (read.Defect is { } defect) return defect;
            if (read.Value is { } price) prices.Add(price);
            else skipped++;
        }
        return PriceList.Of(prices, skipped);
    }

    // Without a price of its own for what was read from a cache, all input costs the same.
    private static Checked<Price> ReadEntry(string model, JsonElement entry, DateTimeOffset from, string? provider)
    {
        if (provider is not null && !(entry.TryGetProperty("litellm_provider", out var named) && named.ValueEquals(provider))) return default;
        var (prompt, completion) = (Amount(entry, "input_cost_per_token"), Amount(entry, "output_cost_per_token"));
        if (prompt is null || completion is null) return default;
        var cached = Amount(entry, "cache_read_input_token_cost") ?? prompt;
        foreach (var amount in (decimal[])[prompt.Value, cached.Value, completion.Value])
            if (amount is < 0 or > TokenPrices.Highest) return new Defect(model, $"costs {amount} US dollars a token, which is no price");
        return new Price(model, from, new TokenPrices(prompt.Value, cached.Value, completion.Value));
    }

    private static decimal? Amount(JsonElement entry, string name)
    {
        if (!entry.TryGetProperty(name, out var value)) return null;
        var text = value.ValueKind switch
        {
            JsonValueKind.Number => value.GetRawText(),
            JsonValueKind.String => value.GetString(),
            _ => null,
        };
        return decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var amount) ? amount : null;
    }
}
