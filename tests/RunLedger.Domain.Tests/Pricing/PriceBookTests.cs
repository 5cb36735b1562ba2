using RunLedger.Domain.Pricing;
using RunLedger.Domain.Usage;

namespace RunLedger.Domain.Tests.Pricing;

public class PriceBookTests
{
    private static readonly DateTimeOffset January = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset March = new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly PriceBook Book = new(
    [
        Costing("*", Price.Always, 1),
        Costing("gpt-4o*", Price.Always, 2),
        Costing("gpt-4o-mini*", January, 3),
        Costing("gpt-4o", January, 4),
        Costing("gpt-4o", March, 5),
        Costing("*-preview", Price.Always, 6),
        Costing("o*-pro", Price.Always, 7),
    ]);

    [Theory]
    [InlineData("gpt-4o", "2026-03-01T00:00:00Z", 5)]
    [InlineData("gpt-4o", "2026-02-28T23:00:00Z", 4)]
    [InlineData("gpt-4o", "2025-12-31T23:00:00Z", 2)]
    [InlineData("gpt-4o-2024-08-06", "2026-03-01T00:00:00Z", 2)]
    [InlineData("gpt-4o-mini-2024", "2026-03-01T00:00:00Z", 3)]
    [InlineData("gpt-4o-mini-2024", "2025-03-01T00:00:00Z", 2)]
    [InlineData("gpt-4o-preview", "2026-03-01T00:00:00Z", 6)]
    [InlineData("o1-pro", "2026-03-01T00:00:00Z", 7)]
    [InlineData("o1", "2026-03-01T00:00:00Z", 1)]
    [InlineData("", "2026-03-01T00:00:00Z", 1)]
    public void The_name_counts_before_patterns_the_one_that_says_more_before_the_one_that_says_less_and_then_the_newest(
        string model, string hour, int expected) =>
        Assert.Equal(expected, Book.Of(model, DateTimeOffset.Parse(hour, null))!.Value.Prompt);

    [Fact]
    public void A_model_without_a_price_has_none()
    {
        Assert.Null(new PriceBook([Costing("gpt-4o", January, 4)]).Of("gpt-4o", January.AddHours(-1)));
        Assert.Null(new PriceBook([Costing("gpt-4o", January, 4)]).Of("gpt-4O", January));
        Assert.Null(PriceBook.Empty.Of("gpt-4o", January));
    }

    [Theory]
    [InlineData("a*b*c", "abc", true)]
    [InlineData("a*b*c", "aXbYbZc", true)]
    [InlineData("a*b*c", "acb", false)]
    [InlineData("ab*ba", "aba", false)]
    [InlineData("**", "", true)]
    [InlineData("*a", "a", true)]
    [InlineData("gpt-4.1", "gpt-4x1", false)]
    public void A_star_stands_for_any_text_and_nothing_else_does(string pattern, string model, bool matches) =>
        Assert.Equal(matches, ModelPattern.Matches(pattern, model));

    [Fact]
    public void Cost_is_exact_cached_tokens_are_among_the_prompts_and_reasoning_among_the_completions()
    {
        var prices = new TokenPrices(0.0000025m, 0.00000125m, 0.00001m);

        Assert.Equal(0.00015m + 0.00005m + 0.0002m, prices.CostOf(new TokenUsage(Prompt: 100, Completion: 20, Total: 120, Cached: 40, Reasoning: 15)));
        Assert.Equal(3_000_000_000 * 0.0000025m, prices.CostOf(new TokenUsage(3_000_000_000, 0, 3_000_000_000, 0, 0)));
    }

    [Fact]
    public void What_has_no_price_is_counted_and_not_taken_for_free()
    {
        var known = UsageCost.Of("a", new TokenUsage(10, 5, 15, 0, 0), new TokenPrices(1, 1, 2));
        var unknown = UsageCost.Of("b", new TokenUsage(3, 4, 7, 0, 0), null);
        var nothing = UsageCost.Of("c", default, null);

        Assert.Equal((20m, 0), (known.Usd, known.UnpricedTokens));
        Assert.Equal((null, 7), (unknown.Usd, unknown.UnpricedTokens));
        Assert.Equal((0m, 0), (nothing.Usd, nothing.UnpricedTokens));
        Assert.Null((unknown + nothing).Usd);
        var all = known + unknown + nothing + unknown;
        Assert.Equal((20m, 14), (all.Usd, all.UnpricedTokens));
        Assert.Equal(["b"], all.UnpricedModels);
    }

    private static Price Costing(string model, DateTimeOffset from, int prompt) => new(model, from, new TokenPrices(prompt, 0, 0));
}
