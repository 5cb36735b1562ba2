using System.Globalization;
using System.Numerics;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using RunLedger.Domain.Json;
using RunLedger.Domain.Tests.Samples;

namespace RunLedger.Domain.Tests.Json;

public class CanonicalJsonTests
{
    /// <summary>Numbers of few values, near the sizes at which exponents are written and added otherwise, each spelled in many ways.</summary>
    private static readonly Gen<string> Spelled =
        from sign in Gen.Elements("", "-")
        from digits in Gen.Elements("0", "1", "12", "99")
        from zeros in Gen.Choose(0, 45)
        from fraction in Gen.Elements("", ".0", ".00", ".5", ".050", ".0000000001")
        from power in Gen.Elements("0", "1", "39", "40", "400", "999999999999999999", "1000000000000000000", "1000000000000000001", "99999999999999999999999")
        from shift in Gen.Choose(-50, 50)
        from exponentSign in Gen.Elements(1, -1)
        let exponent = exponentSign * BigInteger.Parse(power, CultureInfo.InvariantCulture) + shift
        from written in Gen.Elements($"e{exponent}", exponent < 0 ? $"E-000{-exponent}" : $"e+00{exponent}")
        select $"{sign}{digits}{(digits == "0" ? "" : new string('0', zeros))}{fraction}{written}";

    [Theory]
    [InlineData("1.0", "1")]
    [InlineData("-0", "0")]
    [InlineData("-0.0e7", "0")]
    [InlineData("1e2", "100")]
    [InlineData("1E+2", "100")]
    [InlineData("1e0000000000000000000002", "100")]
    [InlineData("0.10", "1e-1")]
    [InlineData("-12.50", "-125e-1")]
    [InlineData("1e400", "1e400")]
    [InlineData("10E+399", "1e400")]
    [InlineData("0e99999999999999999999", "0")]
    [InlineData("10e99999999999999999998", "1e99999999999999999999")]
    [InlineData("0.1e-99999999999999999999", "1e-100000000000000000000")]
    [InlineData("0.1e1000000000000000000", "1e999999999999999999")]
    [InlineData("10e999999999999999999", "1e1000000000000000000")]
    [InlineData("0.01e-999999999999999999", "1e-1000000000000000001")]
    [InlineData("1000e-1000000000000000001", "1e-999999999999999998")]
    [InlineData("9007199254740993.0", "9007199254740993")]
    [InlineData("1000000000000000000000000000000000000000", "1000000000000000000000000000000000000000")]
    [InlineData("10000000000000000000000000000000000000000", "1e40")]
    public void A_number_is_written_by_its_exact_value(string json, string canonical) => Assert.Equal(canonical, Canonical(json));

    [Fact]
    public void A_million_zeros_before_an_exponent_of_a_million_nines_are_counted_and_added_once()
    {
        var (zeros, nines) = (new string('0', 1_000_000), new string('9', 1_000_000));
        Assert.Equal($"1e1{new string('0', 999_994)}999999", Canonical($"1{zeros}e{nines}"));
        Assert.Equal($"1e-{nines[..^7]}8999999", Canonical($"1{zeros}e-{nines}"));
        Assert.Equal("0", Canonical($"0e{nines}"));
    }

    [Fact]
    public void Numbers_are_written_alike_exactly_if_their_values_are_equal() => Properties.Hold(
        from x in Spelled from y in Spelled select (x, y),
        pair =>
        {
            Assert.Equal(JsonMeaning.Same(pair.x, pair.y), Canonical(pair.x) == Canonical(pair.y));
            JsonMeaning.AssertSame(pair.x, Canonical(pair.x));
        },
        count: 5_000);

    [Theory]
    [InlineData("\"\\u0041\"", "\"A\"")]
    [InlineData("\"\\/\"", "\"/\"")]
    [InlineData("\"\\uD83D\\ude00\"", "\"😀\"")]
    [InlineData("\"\\ud83D\"", "\"\\ud83d\"")]
    [InlineData("\"\\ude00\\ud83d\"", "\"\\ude00\\ud83d\"")]
    [InlineData("\"\\u0000\\u001F\\u0008\\u000a\"", "\"\\u0000\\u001f\\b\\n\"")]
    [InlineData("\"\\u0022\\u005c\"", "\"\\\"\\\\\"")]
    [InlineData("\"\\u007f\\u2028\"", "\"\u007f\u2028\"")]
    public void A_string_is_written_with_the_fewest_escapes(string json, string canonical) => Assert.Equal(canonical, Canonical(json));

    [Theory]
    [InlineData("""{ "b" : 1, "a" : { "d":[ ], "c":null } }""", """{"a":{"c":null,"d":[]},"b":1}""")]
    [InlineData("""{"a":1,"\u0061":2}""", """{"a":2}""")]
    [InlineData("""{"b":0,"a":1,"b":{"z":1,"y":2},"a":[3]}""", """{"a":[3],"b":{"y":2,"z":1}}""")]
    [InlineData("""{"aa":1,"a":2,"":3}""", """{"":3,"a":2,"aa":1}""")]
    [InlineData("{\"a]\":1,\"a\\\"\":2}", "{\"a\\\"\":2,\"a]\":1}")]
    [InlineData("{\"\ue000\":1,\"😀\":2}", "{\"😀\":2,\"\ue000\":1}")]
    public void Properties_stand_in_the_order_of_their_utf16_units_and_the_last_of_duplicates_counts(string json, string canonical) =>
        Assert.Equal(canonical, Canonical(json));

    [Theory]
    [InlineData("1.0", "1.1")]
    [InlineData("0.1", "0.10000000000000000000000000000000000001")]
    [InlineData("1e400", "1e401")]
    [InlineData("1", "\"1\"")]
    [InlineData("null", "false")]
    [InlineData("[]", "{}")]
    [InlineData("[1,2]", "[2,1]")]
    [InlineData("{}", """{"a":null}""")]
    [InlineData("\"\\ud83d\"", "\"\\ud83e\"")]
    [InlineData("\"e\\u0301\"", "\"é\"")]
    public void Different_meanings_have_different_digests(string x, string y) => Assert.NotEqual(Digest(x), Digest(y));

    [Theory]
    [InlineData("\"\\u0000\"", true)]
    [InlineData("\"\\ud83d\"", true)]
    [InlineData("\"\\ud83d\\ude00\"", false)]
    [InlineData("""{"\u0000":1}""", true)]
    [InlineData("""{"a":1,"a":1}""", true)]
    [InlineData("1e131072", true)]
    [InlineData("0e-20000", true)]
    [InlineData("1e-99999999999999999999", true)]
    [InlineData("1e400", false)]
    [InlineData("0.10", false)]
    [InlineData("""{"a":{"b":["\"\\",1e2,true,null]}}""", false)]
    public void What_jsonb_cannot_hold_is_told(string json, bool beyond) => Assert.Equal(beyond, IsBeyondJsonb(json));

    [Fact]
    public void A_number_with_more_digits_than_numeric_has_is_beyond_jsonb_though_most_are_zeros()
    {
        Assert.True(IsBeyondJsonb($"1.{new string('0', 20_000)}"));
        Assert.True(IsBeyondJsonb($"0.{new string('0', 20_000)}"));
        Assert.True(IsBeyondJsonb(new string('7', 140_000)));
    }

    [Fact]
    public void Nesting_is_followed_to_the_deepest_level()
    {
        static string Nested(string inner) => $"{string.Concat(Enumerable.Repeat("[{\"a\":", 250))}{inner}{string.Concat(Enumerable.Repeat("}]", 250))}";

        Assert.Equal(Nested("1"), Canonical(Nested(" 1.0 ")));
        Assert.NotEqual(Digest(Nested("1")), Digest(Nested("2")));
        Assert.True(IsBeyondJsonb(Nested("1")));
    }

    [Fact]
    public void A_writer_that_was_cleared_writes_as_a_new_one()
    {
        var writer = new CanonicalJson();
        writer.Write(Text("""{"b":"\u0000","a":1}"""));
        writer.Clear();
        writer.Write(Text("""{"d":1,"c":2}"""));

        Assert.Equal("""{"c":2,"d":1}""", Encoding.UTF8.GetString(writer.Written));
        Assert.False(writer.BeyondJsonb);
    }

    [Fact]
    public void A_thread_keeps_memory_for_usual_texts_and_none_for_large_ones()
    {
        var (usual, large) = (Text($"[\"{new string('x', 100_000)}\"]"), Text($"[\"{new string('x', 10_000_000)}\"]"));

        Assert.InRange(SecondTime(() => CanonicalJson.IsBeyondJsonb(usual)), 0, 50_000);
        Assert.InRange(SecondTime(() => CanonicalJson.IsBeyondJsonb(large)), 10_000_000, long.MaxValue);
    }

    [Fact]
    public void A_snapshot_has_the_digest_of_its_canonical_form() => Properties.Hold(
        RandomRuns.Truthful,
        arrivals => Assert.All(arrivals.All, arrival => Assert.Equal(Digest(arrival.Shown.Json), arrival.Observation.Snapshot.Digest)),
        count: 30);

    private static long SecondTime(Action act)
    {
        act();
        var before = GC.GetAllocatedBytesForCurrentThread();
        act();
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    private static bool IsBeyondJsonb(string json)
    {
        var writer = new CanonicalJson();
        writer.Write(Text(json));
        return writer.BeyondJsonb;
    }

    private static JsonText Text(string json) => new(Encoding.UTF8.GetBytes(json));

    private static string Canonical(string json) => Encoding.UTF8.GetString(CanonicalJson.Of(Text(json)));

    private static Digest Digest(string json) => CanonicalJson.DigestOf(Text(json));
}
