using RunLedger.Domain.Wire;
using static RunLedger.Domain.Tests.Wire.WireAssert;

namespace RunLedger.Domain.Tests.Wire;

public class RunCompletionUsageTests
{
    [Theory]
    [InlineData("""{ "cached_tokens": 8 }""", 8L)]
    [InlineData("""{ "cached_tokens": null, "audio_tokens": 1 }""", null)]
    [InlineData("null", null)]
    public void Cached_tokens_are_read_in_both_spellings_and_written_in_the_one_that_was_read(string details, long? cached)
    {
        foreach (string spelling in new[] { "prompt_token_details", "prompt_tokens_details" })
        {
            RunCompletionUsage usage = UsageOf($$"""
                { "prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15, "{{spelling}}": {{details}} }
                """);

            Assert.Equal(cached, usage.CachedTokens);
            Assert.Equal(10, usage.PromptTokens);
            Assert.Equal(5, usage.CompletionTokens);
            Assert.Equal(15, usage.TotalTokens);
            Assert.Null(usage.ReasoningTokens);
        }
    }

    [Fact]
    public void Of_two_spellings_the_one_of_the_assistants_api_counts()
    {
        RunCompletionUsage usage = UsageOf("""
            { "prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15,
              "prompt_token_details": { "cached_tokens": 3 }, "prompt_tokens_details": { "cached_tokens": 4 } }
            """);

        Assert.Equal(3, usage.CachedTokens);
    }

    [Fact]
    public void Reasoning_tokens_are_typed()
    {
        RunCompletionUsage usage = UsageOf(Samples.Usage);

        Assert.Equal(128, usage.CachedTokens);
        Assert.Equal(9, usage.ReasoningTokens);
    }

    [Fact]
    public void Counts_may_exceed_32_bits_and_be_written_with_a_fraction()
    {
        RunCompletionUsage usage = UsageOf("""{ "prompt_tokens": 5000000000, "completion_tokens": 1.0, "total_tokens": 5000000001 }""");

        Assert.Equal(5_000_000_000, usage.PromptTokens);
        Assert.Equal(1, usage.CompletionTokens);
    }

    private static RunCompletionUsage UsageOf(string usage) =>
        RoundTrips(With(Samples.RunIn("completed"), "usage", usage), WireJsonContext.Default.RunObject).Usage!;
}
