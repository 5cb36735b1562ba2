using FsCheck;
using FsCheck.Fluent;
using RunLedger.Domain.Pricing;
using RunLedger.Domain.Tests.Samples;
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
    [InlineData("0:5", "1:3 2:5", "1:3 2:5")]
    [InlineData("0:5", "0:2 2:5", "0:2 2:5")]
    [InlineData("0:5", "2:5 1:3", "1:3 2:5")]
    [InlineData("0:5 2:3", "1:5 3:3", "")]
    [InlineData("0:5 2:3", "1:3 2:5 3:5", "1:3 2:5")]
    [InlineData("", "0:5 1:5 2:6", "0:5 2:6")]
    public void Of_a_list_the_book_takes_up_what_it_does_not_say_by_then(string known, string listed, string news)
    {
        static Price[] Prices(string text) =>
            [.. text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(one => Costing("m", January.AddMonths(one[0] - '0'), one[2] - '0'))];

        Assert.Equal(Prices(news), new PriceBook(Prices(known)).NewsIn(new PriceList(Prices(listed))));
    }

    [Fact]
    public void Each_price_of_a_list_holds_from_its_time_to_the_next_one_of_its_pattern_whatever_the_book_knew() => Properties.Hold(
        from known in Lists
        from listed in Lists
        select (Known: known, Listed: listed),
        both =>
        {
            var news = new PriceBook(both.Known).NewsIn(new PriceList(both.Listed)).ToList();
            Price[] now = [.. both.Known.ExceptBy(news.Select(Place), Place), .. news];

            foreach (var (time, pattern) in Times.SelectMany(time => Patterns.Select(pattern => (time, pattern))))
            {
                Price? Newest(IEnumerable<Price> prices) => prices.Where(price => price.Model == pattern && price.From <= time).MaxBy(price => price.From);
                var (ofList, ofBook) = (Newest(both.Listed), Newest(both.Known));
                var expected = ofBook is null || ofList?.From >= ofBook.From ? ofList : ofBook;
                Assert.Equal(expected?.Tokens, Newest(now)?.Tokens);
            }
            Assert.Empty(new PriceBook(now).NewsIn(new PriceList(both.Listed)));
        },
        count: 500);

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
        Assert.Equal(10 * 0.00000125m, prices.CostOf(new TokenUsage(Prompt: 10, Completion: 0, Total: 10, Cached: 1_000, Reasoning: 0)));
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

    [Fact]
    public void Tokens_of_a_total_that_are_neither_input_nor_output_have_no_price()
    {
        var onlyTotal = new TokenUsage(0, 0, 1_000, 0, 0);
        var (unknown, known) = (UsageCost.Of("a", onlyTotal, null), UsageCost.Of("b", onlyTotal, new TokenPrices(1, 1, 2)));
        var part = UsageCost.Of("c", new TokenUsage(10, 5, 18, 0, 0), new TokenPrices(1, 1, 2));

        Assert.Equal((null, 1_000), (unknown.Usd, unknown.UnpricedTokens));
        Assert.Equal((null, 1_000), (known.Usd, known.UnpricedTokens));
        Assert.Equal((20m, 3), (part.Usd, part.UnpricedTokens));
        Assert.Equal(["a", "b", "c"], (unknown + known + part).UnpricedModels);
    }

    private static readonly string[] Patterns = ["a", "a*"];
    private static readonly DateTimeOffset[] Times = [.. Enumerable.Range(0, 6).Select(January.AddMonths)];

    // Prices of which no two are for the same pattern and time, in any order.
    private static Gen<Price[]> Lists =>
        from prices in Gen.Choose(1, 3).ArrayOf(8)
        from patterns in Gen.Elements(Patterns).ArrayOf(8)
        from times in Gen.Elements(Times).ArrayOf(8)
        from length in Gen.Choose(0, 8)
        select Enumerable.Range(0, length).Select(i => Costing(patterns[i], times[i], prices[i])).DistinctBy(Place).ToArray();

    private static (string, DateTimeOffset) Place(Price price) => (price.Model, price.From);

    private static Price Costing(string model, DateTimeOffset from, int prompt) => new(model, from, new TokenPrices(prompt, 0, 0));
}
