using RunLedger.Domain.Usage;

namespace RunLedger.Domain.Pricing;

/// <summary>What usage costs, as far as prices are known: tokens without a price are counted, not taken for free.</summary>
public sealed record UsageCost
{
    private readonly decimal? _priced;

    private UsageCost(decimal? priced, long unpricedTokens, IReadOnlyList<string> unpricedModels) =>
        (_priced, UnpricedTokens, UnpricedModels) = (priced, unpricedTokens, unpricedModels);

    /// <summary>The cost of no usage.</summary>
    public static UsageCost None { get; } = new(null, 0, []);

    /// <summary>What the tokens cost that have a price, in US dollars; null if none of them has one.</summary>
    public decimal? Usd => _priced?.WithoutTrailingZeros() ?? (UnpricedTokens == 0 ? 0 : null);

    /// <summary>How many tokens have no price.</summary>
    public long UnpricedTokens { get; }

    /// <summary>Whose tokens these are, in ordinal order; the empty name is of runs that name no model.</summary>
    public IReadOnlyList<string> UnpricedModels { get; }

    /// <summary>The cost of a model's tokens. Those that a total has beside input and output have no price.</summary>
    /// <param name="model">The model.</param>
    /// <param name="tokens">The tokens.</param>
    /// <param name="prices">Their prices; null if they are not known.</param>
    public static UsageCost Of(string model, TokenUsage tokens, TokenPrices? prices)
    {
        var pricedTokens = prices is null ? 0 : tokens.Prompt + tokens.Completion;
        var unpriced = Math.Max(tokens.Total, tokens.Prompt + tokens.Completion) - pricedTokens;
        if (unpriced == 0 && prices is null) return None;
        return new UsageCost(pricedTokens == 0 && unpriced > 0 ? null : prices?.CostOf(tokens), unpriced, unpriced == 0 ? [] : [model]);
    }

    /// <summary>The cost of both.</summary>
    public static UsageCost operator +(UsageCost x, UsageCost y)
    {
        if (ReferenceEquals(y, None)) return x;
        if (ReferenceEquals(x, None)) return y;
        return new UsageCost(
            x._priced is null && y._priced is null ? null : (x._priced ?? 0) + (y._priced ?? 0),
            x.UnpricedTokens + y.UnpricedTokens,
            [.. x.UnpricedModels.Union(y.UnpricedModels).Order(StringComparer.Ordinal)]);
    }

    /// <summary>Whether both are the same cost, and leave out the same.</summary>
    public bool Equals(UsageCost? other) =>
        other is not null && Usd == other.Usd && UnpricedTokens == other.UnpricedTokens && UnpricedModels.SequenceEqual(other.UnpricedModels);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Usd, UnpricedTokens);

    /// <summary>The cost of both.</summary>
    public static UsageCost Add(UsageCost left, UsageCost right) => left + right;
}
