using FsCheck.Fluent;
using RunLedger.Domain.Json;
using RunLedger.Domain.Tests.Samples;

namespace RunLedger.Domain.Tests.Json;

public class DigestTests
{
    [Fact]
    public void The_digest_of_nothing_is_the_known_one() => Assert.Equal("47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU", Digest.Of([]).ToString());

    [Fact]
    public void A_digest_is_read_from_its_text_and_from_its_bytes() => Properties.Hold(
        Gen.ArrayOf(Gen.Choose(0, 255).Select(number => (byte)number)),
        content =>
        {
            var digest = Digest.Of(content);
            Assert.Equal(digest, Digest.Parse(digest.ToString()));
            Assert.Equal(digest, new Digest(digest.ToArray()));
            Assert.Equal(43, digest.ToString().Length);
        });

    [Fact]
    public void Digests_are_ordered_by_their_bytes() => Properties.Hold(
        from x in Gen.Choose(0, 1_000_000) from y in Gen.Choose(0, 1_000_000) select (x: Digest.Of(BitConverter.GetBytes(x)), y: Digest.Of(BitConverter.GetBytes(y))),
        pair =>
        {
            var order = Math.Sign(pair.x.ToArray().AsSpan().SequenceCompareTo(pair.y.ToArray()));
            Assert.Equal(order, Math.Sign(pair.x.CompareTo(pair.y)));
            Assert.Equal((order < 0, order <= 0, order > 0, order >= 0), (pair.x < pair.y, pair.x <= pair.y, pair.x > pair.y, pair.x >= pair.y));
        });

    [Theory]
    [InlineData("")]
    [InlineData("47DEQpj8HBSa")]
    [InlineData("47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU=")]
    [InlineData("47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFUA")]
    [InlineData("47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFV")]
    [InlineData("47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU")]
    [InlineData(" 47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU")]
    public void Another_text_is_no_digest(string text) => Assert.Throws<FormatException>(() => Digest.Parse(text));

    [Theory]
    [InlineData(0)]
    [InlineData(31)]
    [InlineData(33)]
    public void Other_than_32_bytes_are_no_digest(int bytes) => Assert.Throws<ArgumentException>(() => new Digest(new byte[bytes]));
}
