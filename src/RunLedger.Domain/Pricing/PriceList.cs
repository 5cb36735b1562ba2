using System.Globalization;
using System.Text;
using System.Text.Json;
using RunLedger.Domain.Capture;
using RunLedger.Domain.Json;
using RunLedger.Domain.Observations;

namespace RunLedger.Domain.Pricing;

/// <summary>
/// Prices as they come in: our own JSON (<c>{"model", "from", "prompt_per_million", "cached_per_million", "completion_per_million"}</c>, one, an array, or a
/// list object), the same columns as CSV, or LiteLLM's price map.
/// </summary>
/// <param name="Prices">The prices, no two of which are for the same pattern and time.</param>
/// <param name="Skipped">How many entries of a price map have no price by the token, or are another provider's.</param>
public sealed record PriceList(IReadOnlyList<Price> Prices, int Skipped)
{
    private const decimal Million = 1_000_000;

    /// <summary>Reads prices.</summary>
    /// <param name="text">The input.</param>
    /// <param name="from">Since when a price holds that does not say so itself.</param>
    /// <param name="provider">Of a price map, only the entries of this provider; null for all.</param>
    public static Checked<PriceList> Read(ReadOnlyMemory<byte> text, DateTimeOffset from, string? provider)
    {
        if (text.Span.StartsWith("\uFEFF"u8)) text = text[3..];
        var start = text.Span.TrimStart(" \t\r\n"u8);
        if (start.IsEmpty) return new Defect("", "is empty");
        if (start[0] is not ((byte)'{' or (byte)'[')) return PriceCsv.Read(Encoding.UTF8.GetString(text.Span), from);
        try
        {
            using var document = JsonDocument.Parse(text, new JsonDocumentOptions { MaxDepth = JsonText.MaxDepth });
            return Read(document.RootElement, from, provider);
        }
        catch (JsonException broken)
        {
            return new Defect("", $"is not JSON: {broken.Message}");
        }
    }

    /// <summary>A list, if no two of its prices contradict each other.</summary>
    internal static Checked<PriceList> Of(IReadOnlyList<Price> prices, int skipped)
    {
        var twice = prices.GroupBy(price => (price.Model, price.From)).FirstOrDefault(group => group.Count() > 1);
        return twice is null ? new PriceList(prices, skipped) : new Defect(twice.Key.Model, "is there more than once for the same time");
    }

    /// <summary>Makes a price of texts, and says what is wrong where they are none.</summary>
    internal static Checked<Price> PriceOf(string place, string? model, string? from, DateTimeOffset otherwise, string? prompt, string? cached, string? completion)
    {
        if (string.IsNullOrEmpty(model)) return new Defect($"{place}.model", "is missing");
        if (model.Contains('\0', StringComparison.Ordinal) || model.AsSpan().IndexOfAnyInRange('\ud800', '\udfff') >= 0)
            return new Defect($"{place}.model", "contains what no name has");
        var since = string.IsNullOrEmpty(from) ? otherwise : TimeOf(from);
        if (since is not { } time) return new Defect($"{place}.from", $"is '{from}', not a time such as 2026-01-31T09:00:00Z or a date");
        if (time.UtcTicks % TimeSpan.TicksPerHour != 0) return new Defect($"{place}.from", "is no whole hour: usage is summed by the hour");
        if (Amount(prompt) is not { } promptPrice) return Bad($"{place}.prompt_per_million", prompt);
        if (Amount(completion) is not { } completionPrice) return Bad($"{place}.completion_per_million", completion);
        if ((string.IsNullOrEmpty(cached) ? promptPrice : Amount(cached)) is not { } cachedPrice) return Bad($"{place}.cached_per_million", cached);
        return new Price(model, time.ToUniversalTime(), new TokenPrices(promptPrice / Million, cachedPrice / Million, completionPrice / Million));
    }

    private static Checked<PriceList> Read(JsonElement root, DateTimeOffset from, string? provider)
    {
        if (root.ValueKind == JsonValueKind.Array) return ReadAll(root.EnumerateArray(), from);
        if (root.TryGetProperty("data", out var data) && data.ValueKind == JsonValueKind.Array) return ReadAll(data.EnumerateArray(), from);
        return root.TryGetProperty("model", out var model) && model.ValueKind == JsonValueKind.String ? ReadAll([root], from) : PriceMap.Read(root, from, provider);
    }

    private static Checked<PriceList> ReadAll(IEnumerable<JsonElement> items, DateTimeOffset from)
    {
        var prices = new List<Price>();
        foreach (var item in items)
        {
            var place = $"[{prices.Count}]";
            if (item.ValueKind != JsonValueKind.Object) return new Defect(place, "is no object");
            var read = PriceOf(
                place, Text(item, "model"), Text(item, "from"), from,
                Text(item, "prompt_per_million"), Text(item, "cached_per_million"), Text(item, "completion_per_million"));
            if (read.Defect is { } defect) return defect;
            prices.Add(read.Value!);
        }
        return Of(prices, 0);
    }

    private static string? Text(JsonElement item, string name) => !item.TryGetProperty(name, out var value) ? null : value.ValueKind switch
    {
        JsonValueKind.Null => null,
        JsonValueKind.String => value.GetString(),
        _ => value.GetRawText(),
    };

    private static DateTimeOffset? TimeOf(string text) => Rfc3339.Parse(text.Length == "2026-01-31".Length ? $"{text}T00:00:00Z" : text);

    private static decimal? Amount(string? text) =>
        decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var amount) && amount is >= 0 and <= TokenPrices.Highest * Million
            ? amount
            : null;

    private static Defect Bad(string place, string? text) => string.IsNullOrEmpty(text)
        ? new Defect(place, "is missing")
        : new Defect(place, $"is '{text}', not a number of US dollars from 0 to {TokenPrices.Highest * Million:0}");
}
