using System.Text.Json;
using RunLedger.Domain.Observations;

namespace RunLedger.Domain.Pricing;

/// <summary>
/// Reads LiteLLM's price map, <c>model_prices_and_context_window.json</c>: an object with an entry for each model. Of an entry the standard prices by the token
/// count; its other rates are not used, since a run's usage does not tell which tokens they are for. What is no price does not keep the others out.
/// </summary>
internal sealed class PriceMap(DateTimeOffset from, string? provider)
{
    private const string Explanation = "sample_spec";
    private const string FineTuned = "ft:";

    private readonly Dictionary<string, Price> _prices = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Price> _otherNames = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, int> _skipped = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, int> _otherRates = new(StringComparer.Ordinal);

    public static Checked<PriceList> Read(JsonElement map, DateTimeOffset from, string? provider)
    {
        if (map.EnumerateObject().FirstOrDefault() is { Value.ValueKind: not (JsonValueKind.Object or JsonValueKind.Undefined) } first)
            return new Defect(first.Name, "is no object: this is neither a list of prices nor a price map");
        var read = new PriceMap(from, provider);
        foreach (var entry in map.EnumerateObject())
        {
            if (entry.Name == Explanation) continue;
            if (read.Take(entry) is { } why) Count(read._skipped, why);
        }
        foreach (var (name, price) in read._otherNames) read._prices.TryAdd(name, price);
        return new PriceList([.. read._prices.Values]) { Skipped = read._skipped, OtherRates = read._otherRates };
    }

    // Why an entry is none of the list's; null if it is. Without a price of its own for what was read from a cache, all input costs the same.
    private string? Take(JsonProperty entry)
    {
        var (name, rates) = (entry.Name, entry.Value);
        if (rates.ValueKind != JsonValueKind.Object) return "no entry of a model";
        if (provider is not null && !(rates.TryGetProperty("litellm_provider", out var named) && named.ValueKind == JsonValueKind.String && named.ValueEquals(provider)))
            return "another provider";
        if (PriceList.DefectOfName(name) is not null) return "no name of a model";

        var (prompt, completion) = (Amount(rates, "input_cost_per_token"), Amount(rates, "output_cost_per_token"));
        if (prompt is null && completion is null) return HasTiers(rates) ? "price by the length of the context only" : "no price by the token";
        if (prompt is null || completion is null) return prompt is null ? "no price of input tokens" : "no price of output tokens";
        var cached = Amount(rates, "cache_read_input_token_cost") ?? Amount(rates, "input_cost_per_token_cache_hit") ?? prompt;
        var tokens = new TokenPrices(prompt.Value, cached.Value, completion.Value);
        if (!IsPrice(tokens.Prompt) || !IsPrice(tokens.Cached) || !IsPrice(tokens.Completion)) return "amount that is no price of a token";

        var isNamedAgain = _prices.ContainsKey(name);
        _prices[name] = new Price(name, from, tokens);
        foreach (var other in OtherNames(name)) _otherNames[other] = new Price(other, from, tokens);
        foreach (var rate in OtherRates(rates, tokens).Distinct()) Count(_otherRates, rate);
        return isNamedAgain ? "named again" : null;
    }

    // The map names some models by provider and model, which the provider's own runs do not, and others without, which gateways' runs do. Only who says
    // whose the runs are can have both: the same model costs otherwise elsewhere. Runs name a fine-tuned model with its owner, suffix and id.
    private IEnumerable<string> OtherNames(string name)
    {
        if (provider is not null)
            yield return name.StartsWith(provider + '/', StringComparison.Ordinal) && name.Length > provider.Length + 1 ? name[(provider.Length + 1)..] : $"{provider}/{name}";
        if (name.StartsWith(FineTuned, StringComparison.Ordinal) && !name.AsSpan(FineTuned.Length).Contains(':')) yield return $"{name}:*";
    }

    private static IEnumerable<string> OtherRates(JsonElement rates, TokenPrices tokens)
    {
        if (HasTiers(rates)) yield return "long contexts";
        foreach (var rate in rates.EnumerateObject())
        {
            if (!rate.Name.Contains("cost", StringComparison.Ordinal)) continue;
            bool Says(string word) => rate.Name.Contains(word, StringComparison.Ordinal);
            if (rate.Name == "search_context_cost_per_query" || Says("_per_session") || Says("_per_request") || Says("_per_1k_calls")) yield return "tools and requests";
            if (Amount(rates, rate.Name) is not > 0) continue;
            if (Says("_above_") && Says("k_tokens")) yield return "long contexts";
            if (Says("_batches")) yield return "batches";
            if (Says("_priority") || Says("_flex")) yield return "priority and flex";
            if (Says("cache_creation")) yield return "writing to the cache";
            if (Says("_audio") || Says("_image") || Says("_video")) yield return "audio, images and video";
            if (rate.Name == "output_cost_per_reasoning_token" && Amount(rates, rate.Name) != tokens.Completion) yield return "reasoning";
        }
    }

    private static bool HasTiers(JsonElement rates) => rates.TryGetProperty("tiered_pricing", out var tiers) && tiers.ValueKind == JsonValueKind.Array && tiers.GetArrayLength() > 0;

    private static bool IsPrice(decimal amount) => amount is >= 0 and <= TokenPrices.Highest;

    private static void Count(SortedDictionary<string, int> counts, string what) => counts[what] = counts.GetValueOrDefault(what) + 1;

    private static decimal? Amount(JsonElement rates, string name)
    {
        if (!rates.TryGetProperty(name, out var value)) return null;
        var text = value.ValueKind switch
        {
            JsonValueKind.Number => value.GetRawText(),
            JsonValueKind.String => value.GetString(),
            _ => null,
        };
        return Amounts.Read(text, places: 28);
    }
}
