using System.Text;
using RunLedger.Domain.Json;
using RunLedger.Domain.Runs;
using RunLedger.Domain.Tests.Samples;
using RunLedger.Domain.Usage;
using static RunLedger.Domain.Tests.Samples.RunSamples;

namespace RunLedger.Domain.Tests.Usage;

public class ConfiguredDimensionTests
{
    [Theory]
    [InlineData("\"red\"", "red")]
    [InlineData("7", "7")]
    [InlineData("1.50", "1.50")]
    [InlineData("1e2", "100")]
    [InlineData("1E+2", "100")]
    [InlineData("1.50e1", "15.0")]
    [InlineData("-0", "0")]
    [InlineData("-0.0", "0.0")]
    [InlineData("0e-5", "0.00000")]
    [InlineData("0e5", "0")]
    [InlineData("-1.25e-3", "-0.00125")]
    [InlineData("100e-2", "1.00")]
    [InlineData("1e30", "1000000000000000000000000000000")]
    [InlineData("1e-30", "0.000000000000000000000000000001")]
    [InlineData("1234567890123456789012345678901234.5678", "1234567890123456789012345678901234.5678")]
    [InlineData("true", "true")]
    [InlineData("null", "")]
    [InlineData("{\"a\":1}", "")]
    [InlineData("[1]", "")]
    [InlineData("\"\\u0000\"", "\ufffd")]
    public void Metadata_counts_by_its_text(string value, string text) =>
        Assert.Equal(text, ConfiguredDimension.Parse("metadata.team")!.ValueIn(ViewOf(Run().WithMetadata($$"""{"team":{{value}}}"""))));

    [Fact]
    public void A_number_counts_by_the_text_that_jsonb_gives_it() => Properties.Hold(
        RandomJson.Number,
        number =>
        {
            if (CanonicalJson.IsBeyondJsonb(new JsonText(Encoding.UTF8.GetBytes(number)))) return;
            var text = ConfiguredDimension.Parse("metadata.team")!.ValueIn(ViewOf(Run().WithMetadata($$"""{"team":{{number}}}""")));
            Assert.Equal(Jsonb.Store(number), text);
        },
        count: 1_000);

    [Fact]
    public void A_run_without_that_metadata_or_without_tools_counts_under_the_empty_name()
    {
        Assert.Equal("", ConfiguredDimension.Parse("metadata.team")!.ValueIn(ViewOf(Run())));
        Assert.Equal("", ConfiguredDimension.Parse("tool.name")!.ValueIn(ViewOf(Run())));
    }

    [Fact]
    public void A_run_counts_once_under_all_tools_that_it_called() =>
        Assert.Equal("get_weather", ConfiguredDimension.Parse("tool.name")!.ValueIn(ViewOf(Run().Started(at: 1).Calling("call_a", "call_b"))));

    [Theory]
    [InlineData("metadata.")]
    [InlineData("metadata.\0")]
    [InlineData("model")]
    [InlineData("")]
    public void What_is_no_dimension_is_none(string name) => Assert.Null(ConfiguredDimension.Parse(name));

    [Fact]
    public void Buckets_of_the_same_values_are_the_same()
    {
        Assert.Equal(new DimensionValues("a", "b"), new DimensionValues("a", "b"));
        Assert.Equal(new DimensionValues("a").GetHashCode(), new DimensionValues("a").GetHashCode());
        Assert.NotEqual(new DimensionValues("a", "b"), new DimensionValues("b", "a"));
        Assert.Equal(default, new DimensionValues());
    }

    private static RunView ViewOf(SnapshotSample sample) => RunView.Of(RecordedRun.Of(sample.SeenAt(10)).State);
}
