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
public sealed record PriceList(IReadOnlyList<Price> Prices)
{
    private const decimal Million = 1_000_000;
    private const int LongestName = 500;
    private const int Places = 22; // A price of one token has six more: as many as a decimal has.

    /// <summary>How many entries of a price map were not taken in, by reason.</summary>
    public IReadOnlyDictionary<string, int> Skipped { get; init; } = new Dictionary<string, int>();

    /// <summary>How many entries of a price map have other rates beside those that are used, by what these are for.</summary>
    public IReadOnlyDictionary<string, int> OtherRates { get; init; } = new Dictionary<string, int>();

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
        catch (InvalidOperationException broken)
        {
            // So a document answers who asks it for a string that is no text: half of a surrogate pair, or bytes that are no UTF-8.
            return new Defect("", $"holds a string that is no text: {broken.Message}");
        }
    }

    /// <summary>A list, if no two of its prices contradict each other.</summary>
    internal static Checked<PriceList> Of(IReadOnlyList<Price> prices)
    {
        var twice = prices.GroupBy(price => (price.Model, price.From)).FirstOrDefault(group => group.Count() > 1);
        return twice is null ? new PriceList(prices) : new Defect(twice.Key.Model, "is there more than once for the same time");
    }

    /// <summary>Makes a price of texts, and says what is wrong where they are none.</summary>
    internal static Checked<Price> PriceOf(string place, string? model, string? from, DateTimeOffset otherwise, string? prompt, string? cached, string? completion)
    {
        if (DefectOfName(model) is { } nameless) return new Defect($"{place}.model", nameless);
        var since = string.IsNullOrEmpty(from) ? otherwise : TimeOf(from);
        if (since is not { } time) return new Defect($"{place}.from", $"is '{from}', not a time such as 2026-01-31T09:00:00Z or a date");
        if (time.UtcTicks % TimeSpan.TicksPerHour != 0) return new Defect($"{place}.from", "is no whole hour: usage is summed by the hour");
        if (Amount(prompt) is not { } promptPrice) return Bad($"{place}.prompt_per_million", prompt);
        if (Amount(completion) is not { } completionPrice) return Bad($"{place}.completion_per_million", completion);
        if ((string.IsNullOrEmpty(cached) ? promptPrice : Amount(cached)) is not { } cachedPrice) return Bad($"{place}.cached_per_million", cached);
        return new Price(model!, time.ToUniversalTime(), new TokenPrices(promptPrice / Million, cachedPrice / Million, completionPrice / Million));
    }

    /// <summary>What keeps a text from being the name of a model or a pattern; null if nothing does.</summary>
    public static string? DefectOfName(string? name) =>
        string.IsNullOrEmpty(name) ? "is missing"
        : name.Length > LongestName ? $"is longer than {LongestName} characters"
        : name.AsSpan().IndexOfAnyInRange('\0', '\u001f') >= 0 || name.AsSpan().IndexOfAnyInRange('\ud800', '\udfff') >= 0 ? "contains what no name has"
        : null;

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
        return Of(prices);
    }

    private static string? Text(JsonElement item, string name) => !item.TryGetProperty(name, out var value) ? null : value.ValueKind switch
    {
        JsonValueKind.Null => null,
        JsonValueKind.String => value.GetString(),
        _ => value.GetRawText(),
    };

    private static DateTimeOffset? TimeOf(string text) => Rfc3339.Parse(text.Length == "2026-01-31".Length ? $"{text}T00:00:00Z" : text);

    /// <summary>Reads what a million tokens cost; null if that is no such price, or one that cannot be kept as it is.</summary>
    public static decimal? Amount(string? text) => Amounts.Read(text, Places) is >= 0 and <= TokenPrices.Highest * Million and var amount ? amount : null;

    private static Defect Bad(string place, string? text) => string.IsNullOrEmpty(text)
        ? new Defect(place, "is missing")
        : new Defect(place, $"is '{text}', not a number of US dollars from 0 to {TokenPrices.Highest * Million:0} of at most {Places} decimal places");
}
