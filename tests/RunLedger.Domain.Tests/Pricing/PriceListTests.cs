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
                new Price("free-1", From, default),
            ],
            list.Prices);
        Assert.Equal(1, list.Skipped);
        Assert.Equal(["large-1", "acme/small-1"], Read(Map, "acme").Prices.Select(price => price.Model));
        Assert.Equal(2, Read(Map, "acme").Skipped);
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
    [InlineData("", "is empty")]
    [InlineData("{\"a\":", "is not JSON")]
    [InlineData("""{"a":1}""", "a: is no object: this is neither a list of prices nor a price map")]
    [InlineData("""[1]""", "[0]: is no object")]
    [InlineData("""[{"prompt_per_million":1,"completion_per_million":1}]""", "[0].model: is missing")]
    [InlineData("""[{"model":"m","completion_per_million":1}]""", "[0].prompt_per_million: is missing")]
    [InlineData("""[{"model":"m","prompt_per_million":-1,"completion_per_million":1}]""", "[0].prompt_per_million: is '-1'")]
    [InlineData("""[{"model":"m","prompt_per_million":1,"completion_per_million":2000000}]""", "[0].completion_per_million: is '2000000'")]
    [InlineData("""[{"model":"m","from":"soon","prompt_per_million":1,"completion_per_million":1}]""", "[0].from: is 'soon'")]
    [InlineData("""[{"model":"m","from":"2026-01-01T00:30:00Z","prompt_per_million":1,"completion_per_million":1}]""", "[0].from: is no whole hour")]
    [InlineData("""{"m":{"input_cost_per_token":2.5,"output_cost_per_token":10}}""", "m: costs 2.5 US dollars a token")]
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
