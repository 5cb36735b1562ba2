using System.Text;
using RunLedger.Domain.Pricing;

namespace RunLedger.Domain.Tests.Pricing;

public class PriceListTests
{
    private static readonly DateTimeOffset From = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    // In the form of LiteLLM's map; models and prices are made up.
    private const string Map = """
        {
            "sample_spec": {"input_cost_per_token": 0.0, "output_cost_per_token": 0.0, "litellm_provider": "one of the providers"},
            "large-1": {"input_cost_per_token": 2.5e-06, "output_cost_per_token": 1e-05, "cache_read_input_token_cost": 1.25e-06,
                        "litellm_provider": "acme", "mode": "chat", "max_tokens": 16384, "supports_vision": true},
            "acme/small-1": {"input_cost_per_token": "5e-07", "output_cost_per_token": 0.0000015, "litellm_provider": "acme", "mode": "chat"},
            "older-1": {"input_cost_per_token": 2e-06, "output_cost_per_token": 3e-06, "input_cost_per_token_cache_hit": 2e-07, "litellm_provider": "other"},
            "free-1": {"input_cost_per_token": 0.0, "output_cost_per_token": 0.0, "litellm_provider": "other", "mode": "chat"},
            "painter": {"output_cost_per_image": 0.04, "litellm_provider": "other", "mode": "image_generation"}
        }
        """;

    [Fact]
    public void A_price_map_is_read_by_the_token_and_what_has_no_such_price_is_skipped()
    {
        var list = Read(Map, null);

        Assert.Equal(
            [
                new Price("large-1", From, new TokenPrices(0.0000025m, 0.00000125m, 0.00001m)),
                new Price("acme/small-1", From, new TokenPrices(0.0000005m, 0.0000005m, 0.0000015m)),
                new Price("older-1", From, new TokenPrices(0.000002m, 0.0000002m, 0.000003m)),
                new Price("free-1", From, default),
            ],
            list.Prices);
        Assert.Equal([KeyValuePair.Create("no price by the token", 1)], list.Skipped);
        Assert.Empty(list.OtherRates);
    }

    [Fact]
    public void Of_one_provider_models_have_their_names_with_the_provider_and_without()
    {
        var list = Read(Map, "acme");

        Assert.Equal(
            [("large-1", 2.5m), ("acme/small-1", 0.5m), ("acme/large-1", 2.5m), ("small-1", 0.5m)],
            list.Prices.Select(price => (price.Model, (price.Tokens.Prompt * 1_000_000).WithoutTrailingZeros())));
        Assert.Equal([KeyValuePair.Create("another provider", 3)], list.Skipped);
    }

    [Fact]
    public void A_name_that_the_map_has_itself_counts_before_one_that_follows_from_another()
    {
        const string both = """
            {"acme/m": {"input_cost_per_token": 1e-06, "output_cost_per_token": 1e-06, "litellm_provider": "acme"},
             "m": {"input_cost_per_token": 2e-06, "output_cost_per_token": 2e-06, "litellm_provider": "acme"},
             "acme/": {"input_cost_per_token": 3e-06, "output_cost_per_token": 3e-06, "litellm_provider": "acme"}}
            """;

        Assert.Equal(
            [("acme/m", 0.000001m), ("m", 0.000002m), ("acme/", 0.000003m), ("acme/acme/", 0.000003m)],
            Read(both, "acme").Prices.Select(price => (price.Model, price.Tokens.Prompt)));
    }

    [Fact]
    public void The_price_of_fine_tuned_models_is_that_of_each()
    {
        const string tuned = """
            {"ft:large-1": {"input_cost_per_token": 3e-06, "output_cost_per_token": 9e-06},
             "ft:large-1:mine": {"input_cost_per_token": 4e-06, "output_cost_per_token": 9e-06}}
            """;

        var book = new PriceBook(Read(tuned, null).Prices);
        Assert.Equal(0.000003m, book.Of("ft:large-1:acme::9xYz", From)?.Prompt);
        Assert.Equal(0.000004m, book.Of("ft:large-1:mine", From)?.Prompt);
        Assert.Null(book.Of("ft:large-12:acme::9xYz", From));
    }

    // Each of these shapes occurs in the map of 2026, but for amounts that are none and names that are none.
    [Theory]
    [InlineData("no price by the token", """{"mode": "chat", "supports_vision": true}""")]
    [InlineData("no price by the token", """{"input_cost_per_second": 0.001, "output_cost_per_second": 0.001}""")]
    [InlineData("no price by the token", """{"input_dbu_cost_per_token": 1e-05, "search_context_cost_per_query": {"search_context_size_low": 0.03}}""")]
    [InlineData("no price by the token", """{"input_cost_per_token": null, "output_cost_per_token": "ask"}""")]
    [InlineData("no price by the token", """{"input_cost_per_token": {"usd": 1}, "tiered_pricing": []}""")]
    [InlineData("no price of input tokens", """{"input_cost_per_video_per_second": 0.0005, "output_cost_per_token": 7.5e-06}""")]
    [InlineData("no price of output tokens", """{"input_cost_per_token": 5e-06, "output_cost_per_image": 0.04}""")]
    [InlineData("price by the length of the context only", """{"tiered_pricing": [{"input_cost_per_token": 5e-08, "output_cost_per_token": 4e-07, "range": [0, 256000.0]}]}""")]
    [InlineData("amount that is no price of a token", """{"input_cost_per_token": -1e-06, "output_cost_per_token": 1e-06}""")]
    [InlineData("amount that is no price of a token", """{"input_cost_per_token": 2.5, "output_cost_per_token": 10}""")]
    [InlineData("no entry of a model", "7")]
    [InlineData("no entry of a model", "[{}]")]
    public void An_entry_that_is_no_price_is_skipped_with_the_reason_and_keeps_no_other_out(string reason, string entry)
    {
        var list = Read($$"""{"first": {"input_cost_per_token": 0, "output_cost_per_token": 0}, "odd": {{entry}}, "last": {"input_cost_per_token": 1e-06, "output_cost_per_token": 0} }""", null);

        Assert.Equal(["first", "last"], list.Prices.Select(price => price.Model));
        Assert.Equal([KeyValuePair.Create(reason, 1)], list.Skipped);
    }

    [Fact]
    public void An_entry_whose_name_is_none_or_comes_again_is_skipped_and_the_last_one_holds()
    {
        const string entry = """{"input_cost_per_token": 1e-06, "output_cost_per_token": 1e-06}""";
        var list = Read($$"""{"": {{entry}}, "a\u0000b": {{entry}}, "{{new string('m', 501)}}": {{entry}}, "m": {{entry}}, "m": {"input_cost_per_token": 2e-06, "output_cost_per_token": 2e-06} }""", null);

        Assert.Equal(0.000002m, Assert.Single(list.Prices).Tokens.Prompt);
        Assert.Equal([KeyValuePair.Create("named again", 1), KeyValuePair.Create("no name of a model", 3)], list.Skipped);
    }

    [Theory]
    [InlineData("long contexts", """ "input_cost_per_token_above_272k_tokens": 5e-06, "output_cost_per_token_above_272k_tokens": 2e-05 """)]
    [InlineData("long contexts", """ "tiered_pricing": [{"input_cost_per_token": 5e-08, "range": [0, 32000.0]}] """)]
    [InlineData("batches", """ "input_cost_per_token_batches": 5e-07, "output_cost_per_token_batches": 5e-06 """)]
    [InlineData("priority and flex", """ "input_cost_per_token_priority": 4e-06, "cache_read_input_token_cost_flex": 1e-08 """)]
    [InlineData("writing to the cache", """ "cache_creation_input_token_cost": 3.75e-06, "cache_creation_input_token_cost_above_1hr": 6e-06 """)]
    [InlineData("audio, images and video", """ "input_cost_per_audio_token": 4e-05, "output_cost_per_image": 0.04, "input_cost_per_video_per_second": 0 """)]
    [InlineData("reasoning", """ "output_cost_per_reasoning_token": 3e-06 """)]
    [InlineData("tools and requests", """ "search_context_cost_per_query": {"search_context_size_low": 0.03} """)]
    [InlineData(null, """ "output_cost_per_reasoning_token": 0.00001, "input_cost_per_audio_token": 0, "max_tokens": 8192 """)]
    public void What_an_entry_costs_besides_is_told(string? rates, string besides)
    {
        var list = Read($$"""{"m": {"input_cost_per_token": 2.5e-06, "output_cost_per_token": 1e-05, {{besides}} } }""", null);

        Assert.Equal(new TokenPrices(0.0000025m, 0.0000025m, 0.00001m), Assert.Single(list.Prices).Tokens);
        Assert.Equal(rates is null ? [] : [KeyValuePair.Create(rates, 1)], list.OtherRates);
    }

    [Theory]
    [InlineData("""{"model":"m*","from":"2026-02-01","prompt_per_million":2.5,"cached_per_million":1.25,"completion_per_million":"10"}""")]
    [InlineData("""[{"model":"m*","from":"2026-02-01T00:00:00Z","prompt_per_million":"2.50","cached_per_million":1.25,"completion_per_million":1e1}]""")]
    [InlineData("""{"object":"list","data":[{"model":"m*","from":"2026-02-01T01:00:00+01:00","prompt_per_million":2.5,"cached_per_million":1.25,"completion_per_million":10}]}""")]
    [InlineData("model,from,prompt_per_million,cached_per_million,completion_per_million\nm*,2026-02-01,2.5,1.25,10\n")]
    [InlineData("\uFEFFcompletion_per_million,note,\"model\",prompt_per_million,cached_per_million,from\r\n10,\"a, \"\"b\"\"\",\"m*\",2.5,1.25,2026-02-01T00:00:00Z\r\n\r\n")]
    public void One_price_in_any_form_is_the_same(string text) =>
        Assert.Equal(
            new Price("m*", new DateTimeOffset(2026, 2, 1, 0, 0, 0, TimeSpan.Zero), new TokenPrices(0.0000025m, 0.00000125m, 0.00001m)),
            Assert.Single(Read(text, null).Prices));

    [Fact]
    public void What_a_price_does_not_say_is_assumed()
    {
        var price = Assert.Single(Read("model,prompt_per_million,completion_per_million\nm,2,8", null).Prices);

        Assert.Equal(new Price("m", From, new TokenPrices(0.000002m, 0.000002m, 0.000008m)), price);
    }

    [Theory]
    [InlineData("1e-22")]
    [InlineData("999999.9999999999999999999999")]
    [InlineData("0.0e5")]
    [InlineData("1.50000000000000000000000000")]
    public void A_price_is_kept_as_it_is(string amount) =>
        Assert.Equal(
            decimal.Parse(amount, System.Globalization.NumberStyles.Float, null),
            Assert.Single(Read($"model,prompt_per_million,completion_per_million\nm,{amount},8", null).Prices).Tokens.Prompt * 1_000_000);

    [Theory]
    [InlineData("", "is empty")]
    [InlineData("{\"a\":", "is not JSON")]
    [InlineData("""{"a":1}""", "a: is no object: this is neither a list of prices nor a price map")]
    [InlineData("""[1]""", "[0]: is no object")]
    [InlineData("""[{"prompt_per_million":1,"completion_per_million":1}]""", "[0].model: is missing")]
    [InlineData("""[{"model":"m","completion_per_million":1}]""", "[0].prompt_per_million: is missing")]
    [InlineData("""[{"model":"m","prompt_per_million":-1,"completion_per_million":1}]""", "[0].prompt_per_million: is '-1'")]
    [InlineData("""[{"model":"m","prompt_per_million":1,"completion_per_million":2000000}]""", "[0].completion_per_million: is '2000000'")]
    [InlineData("""[{"model":"m","prompt_per_million":1e-25,"completion_per_million":1}]""", "[0].prompt_per_million: is '1e-25'")]
    [InlineData("""[{"model":"m","prompt_per_million":1,"completion_per_million":1e-400}]""", "[0].completion_per_million: is '1e-400'")]
    [InlineData("""[{"model":"m","prompt_per_million":1,"cached_per_million":0.00000000000000000000001,"completion_per_million":1}]""",
        "[0].cached_per_million: is '0.00000000000000000000001', not a number of US dollars from 0 to 1000000 of at most 22 decimal places")]
    [InlineData("""[{"model":"m","from":"soon","prompt_per_million":1,"completion_per_million":1}]""", "[0].from: is 'soon'")]
    [InlineData("""[{"model":"m","from":"2026-01-01T00:30:00Z","prompt_per_million":1,"completion_per_million":1}]""", "[0].from: is no whole hour")]
    [InlineData("""[{"model":"\ud800","prompt_per_million":1,"completion_per_million":1}]""", "holds a string that is no text")]
    [InlineData("""{"\ud800":{"input_cost_per_token":1,"output_cost_per_token":1}}""", "holds a string that is no text")]
    [InlineData("""[{"model":"a\u0000b","prompt_per_million":1,"completion_per_million":1}]""", "[0].model: contains what no name has")]
    [InlineData("model,prompt_per_million\nm,1", "completion_per_million: is no column")]
    [InlineData("model,prompt_per_million,completion_per_million\nm,1,2\nm,1,3", "m: is there more than once")]
    [InlineData("model,prompt_per_million,completion_per_million\nm,1,2\nn,one,3", "row 2.prompt_per_million: is 'one'")]
    public void What_is_wrong_is_named(string text, string defect) =>
        Assert.StartsWith(defect, PriceList.Read(Encoding.UTF8.GetBytes(text), From, null).Defect?.ToString(), StringComparison.Ordinal);

    private static PriceList Read(string text, string? provider)
    {
        var read = PriceList.Read(Encoding.UTF8.GetBytes(text), From, provider);
        return Assert.IsType<PriceList>(read.Value);
    }
}
