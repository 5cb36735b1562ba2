using System.Text;
using FsCheck.Fluent;
using RunLedger.Domain.Json;
using RunLedger.Domain.Tests.Samples;

namespace RunLedger.Domain.Tests.Json;

public class RandomJsonTests
{
    [Fact]
    public void Two_texts_have_one_digest_exactly_if_they_mean_the_same() => Properties.Hold(
        from x in RandomJson.Collider from y in RandomJson.Collider select (x, y),
        pair => Assert.Equal(JsonMeaning.Same(pair.x, pair.y), Digest(pair.x) == Digest(pair.y)),
        count: 1_000);

    [Fact]
    public void Another_spelling_has_the_same_digest() => Properties.Hold(
        from json in RandomJson.Value from seed in Gen.Choose(0, 1_000_000) select (json, other: JsonSpelling.Respelled(json, seed)),
        spellings => Assert.Equal(Canonical(spellings.json), Canonical(spellings.other)),
        count: 600);

    [Fact]
    public void The_canonical_form_means_what_the_text_means_and_is_its_own_canonical_form() => Properties.Hold(
        RandomJson.Value,
        json =>
        {
            var canonical = Canonical(json);
            JsonMeaning.AssertSame(json, canonical);
            Assert.Equal(canonical, Canonical(canonical));
        },
        count: 600);

    [Fact]
    public void Whatever_is_not_beyond_jsonb_comes_back_from_it_with_the_same_digest() => Properties.Hold(
        RandomJson.Value,
        json =>
        {
            var canonical = new CanonicalJson();
            canonical.Write(Text(json));
            if (!canonical.BeyondJsonb) Assert.Equal(Digest(json), Digest(Jsonb.Store(json)));
        },
        count: 1_000);

    [Fact]
    public void The_minified_text_means_the_same_and_cannot_be_minified_further() => Properties.Hold(
        from json in RandomJson.Value from seed in Gen.Choose(0, 1_000_000) select JsonSpelling.Respelled(json, seed),
        json =>
        {
            var minified = Text(json).Minified().ToString();
            JsonMeaning.AssertSame(json, minified);
            Assert.Equal(minified, Text(minified).Minified().ToString());
            Assert.True(minified.Length <= json.Length);
        });

    [Fact]
    public void Every_property_is_found_under_the_name_that_its_escapes_mean() => Properties.Hold(
        RandomJson.Object,
        json =>
        {
            var members = ((JsonTree.Object)JsonTree.Parse(json)).Members.Where(member => !member.Name.Any(char.IsSurrogate));
            foreach (var (name, value) in members.GroupBy(member => member.Name).Select(group => group.Last()))
            {
                var found = Text(json).Property(Encoding.UTF8.GetBytes(name));
                Assert.NotNull(found);
                if (value is JsonTree.String { Value: var text }) Assert.Equal(text, found.Value.AsString());
            }
        });

    private static JsonText Text(string json) => new(Encoding.UTF8.GetBytes(json));

    private static string Canonical(string json) => Encoding.UTF8.GetString(CanonicalJson.Of(Text(json)));

    private static Digest Digest(string json) => CanonicalJson.DigestOf(Text(json));
}
