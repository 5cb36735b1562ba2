using System.Collections.Concurrent;

namespace RunLedger.Domain.Pricing;

/// <summary>
/// All prices of a tenant. For a model at an hour, of the patterns that match it and have a price by then, the exact name counts before any pattern,
/// and a pattern that says more of the model before one that says less; of that pattern's prices, the newest one that has begun.
/// </summary>
public sealed class PriceBook
{
    private readonly Price[] _prices;
    private readonly ConcurrentDictionary<string, Price[]> _ofModels = new(StringComparer.Ordinal);

    /// <summary>Makes a book.</summary>
    public PriceBook(IEnumerable<Price> prices)
    {
        _prices = [.. prices];
        Changes = [.. _prices.Select(price => price.From).Distinct().Order()];
    }

    /// <summary>A book in which there is no price.</summary>
    public static PriceBook Empty { get; } = new([]);

    /// <summary>The times at which any price begins, in their order: between two of them no price changes.</summary>
    public IReadOnlyList<DateTimeOffset> Changes { get; }

    /// <summary>What tokens of a model cost at a time; null if no price is known.</summary>
    public TokenPrices? Of(string model, DateTimeOffset time)
    {
        var prices = _ofModels.GetOrAdd(model, ByPrecedence);
        return prices.FirstOrDefault(price => price.From <= time)?.Tokens;
    }

    /// <summary>
    /// The prices of a list that the book has to take up, so that each one of the list holds from its time to the next one of its pattern, be it of the list or
    /// of the book. Those that would say again what holds then already are not among them.
    /// </summary>
    public IEnumerable<Price> NewsIn(PriceList list)
    {
        var known = _prices.ToLookup(price => price.Model, StringComparer.Ordinal);
        return list.Prices.GroupBy(price => price.Model, StringComparer.Ordinal).SelectMany(listed => NewsOfPattern([.. known[listed.Key]], [.. listed]));
    }

    private static IEnumerable<Price> NewsOfPattern(Price[] known, Price[] listed)
    {
        var corrected = known.ToDictionary(price => price.From, price => price.Tokens);
        TokenPrices? holding = null;
        foreach (var price in known.ExceptBy(listed.Select(one => one.From), one => one.From).Concat(listed).OrderBy(price => price.From))
        {
            if ((corrected.TryGetValue(price.From, out var before) ? before : holding) != price.Tokens) yield return price;
            holding = price.Tokens;
        }
    }

    private Price[] ByPrecedence(string model) =>
    [
        .. _prices.Where(price => ModelPattern.Matches(price.Model, model))
            .OrderBy(price => ModelPattern.IsOpen(price.Model))
            .ThenByDescending(price => ModelPattern.Weight(price.Model))
            .ThenBy(price => price.Model, StringComparer.Ordinal)
            .ThenByDescending(price => price.From),
    ];
}
