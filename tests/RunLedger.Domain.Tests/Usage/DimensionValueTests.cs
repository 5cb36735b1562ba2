using System.Text;
using FsCheck.Fluent;
using RunLedger.Domain.Tests.Samples;
using RunLedger.Domain.Usage;

namespace RunLedger.Domain.Tests.Usage;

public class DimensionValueTests
{
    [Theory]
    [InlineData("", 26)]
    [InlineData("abcdefghijklmnopqrstuvwxyz", 26)]
    [InlineData("漢漢漢漢漢漢漢漢", 26)]
    public void What_has_room_stays_as_it_is(string value, int longest) => Assert.Equal(value, DimensionValue.Bounded(value, longest));

    [Fact]
    public void What_is_longer_is_cut_between_two_characters_and_ends_with_a_digest_of_the_whole()
    {
        Assert.Equal("abcdefg…aa3b98a9ceb4912a", DimensionValue.Bounded("abcdefghijklmnopqrstuvwxyz!", 26));
        Assert.Equal("漢漢…", DimensionValue.Bounded(new string('漢', 9), 26)[..3]);
        Assert.Equal("a😀…", DimensionValue.Bounded($"a😀😀{new string('a', 20)}", 26)[..4]);
        Assert.NotEqual(DimensionValue.Bounded(new string('a', 600), 512), DimensionValue.Bounded(new string('a', 601), 512));
    }

    [Fact]
    public void No_value_is_longer_than_there_is_room_for_and_different_ones_stay_apart() => Properties.Hold(
        from texts in Gen.Elements("a", "é", "漢", "😀").ArrayOf(60).ArrayOf(2)
        from longest in Gen.Choose(26, 120)
        select (One: string.Concat(texts[0]), Other: string.Concat(texts[1]), Longest: longest),
        given =>
        {
            var (one, other) = (DimensionValue.Bounded(given.One, given.Longest), DimensionValue.Bounded(given.Other, given.Longest));
            Assert.InRange(Encoding.UTF8.GetByteCount(one), 0, given.Longest);
            Assert.Equal(given.One == given.Other, one == other);
            Assert.DoesNotContain('\ufffd', one);
            Assert.StartsWith(one.Split('…')[0], given.One, StringComparison.Ordinal);
        });

    [Theory]
    [InlineData(0, 512)]
    [InlineData(1, 512)]
    [InlineData(2, 512)]
    [InlineData(3, 354)]
    [InlineData(DimensionValue.MostDimensions, 26)]
    public void The_more_dimensions_there_are_the_less_room_each_value_has(int dimensions, int longest) => Assert.Equal(longest, DimensionValue.LongestOf(dimensions));
}
