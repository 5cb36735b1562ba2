using System.Text.Json;

namespace RunLedger.Host.Tests.CommandLine;

[Collection(TestDatabase.Collection)]
public sealed class PriceTests(TestDatabase databases)
{
    [Fact]
    public async Task Prices_are_taken_in_listed_and_removed_and_the_report_counts_with_them()
    {
        var database = await databases.CreateAsync();
        using var files = new SampleFiles();
        (await Invocation.RunAsync(database, "import", files.Write("sample.ndjson", SampleFiles.Lines))).Expect(0);
        Assert.DoesNotContain("USD", (await Invocation.RunAsync(database, "usage")).Expect(0), StringComparison.Ordinal);
        var csv = files.Write("prices.csv", ["model,from,prompt_per_million,completion_per_million", "gpt-4o,,2.5,10", "nothing*,2026-01-01,1,1"]);

        Assert.Contains("2 added", (await Invocation.RunAsync(database, "prices", "import", csv)).Expect(0), StringComparison.Ordinal);
        Assert.Contains("1 changed", (await Invocation.RunAsync(database, "prices", "set", "gpt-4o", "--prompt", "2", "--completion", "8")).Expect(0), StringComparison.Ordinal);
        Assert.Contains("Removed 1 price", (await Invocation.RunAsync(database, "prices", "remove", "nothing*")).Expect(0), StringComparison.Ordinal);
        var listed = await Invocation.RunAsync(database, "prices");
        listed.Expect(0);
        Assert.Equal(["gpt-4o", "always", "2", "2", "8"], listed.Lines[1].Split(' ', StringSplitOptions.RemoveEmptyEntries)[..5]);

        var totals = JsonDocument.Parse((await Invocation.RunAsync(database, "usage", "--json")).Expect(0)).RootElement.GetProperty("totals");
        var usage = await Invocation.RunAsync(database, "usage", "--by", "model");
        var cost = totals.GetProperty("cost_usd").GetDecimal();
        Assert.True(cost > 0);
        Assert.Contains("USD", usage.Expect(0), StringComparison.Ordinal);
        Assert.Contains(cost.ToString("0.00##########", null), usage.Lines[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_price_map_tells_what_it_leaves_out()
    {
        using var files = new SampleFiles();
        var map = files.Write("map.json", ["""{"openai/gpt-4o": {"input_cost_per_token": 2e-06, "output_cost_per_token": 8e-06, "output_cost_per_token_batches": 4e-06, "litellm_provider": "openai"},""", """ "painter": {"output_cost_per_image": 0.04, "litellm_provider": "openai"}, "other": {"litellm_provider": "acme"} }"""]);

        var told = (await Invocation.RunAsync(await databases.CreateAsync(), "prices", "import", map, "--provider", "openai")).Expect(0);
        Assert.Contains("2 added, 0 changed, 0 unchanged, 2 skipped", told, StringComparison.Ordinal);
        Assert.Contains("another provider (1), no price by the token (1)", told, StringComparison.Ordinal);
        Assert.Contains("batches (1)", told, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2, "prices", "set", "gpt-4o", "--prompt", "two", "--completion", "8")]
    [InlineData(2, "prices", "set", "gpt-4o", "--prompt", "2")]
    [InlineData(2, "prices", "set", "gpt-4o", "--prompt", "2", "--completion", "8", "--from", "2026-01-01T00:30:00Z")]
    [InlineData(2, "prices", "set", "", "--prompt", "2", "--completion", "8")]
    [InlineData(1, "prices", "remove", "gpt-4o")]
    [InlineData(1, "prices", "import", "/no/such/file")]
    public async Task What_is_wrong_is_said(int exitCode, params string[] arguments)
    {
        var ended = await Invocation.RunAsync(await databases.CreateAsync(), arguments);

        ended.Expect(exitCode);
        Assert.NotEmpty(ended.Error);
    }
}
