using System.Text;
using System.Text.Json;
using RunLedger.Domain.Json;

namespace RunLedger.Domain.Tests.Json;

public class JsonTextTests
{
    [Theory]
    [InlineData("{}", JsonValueKind.Object)]
    [InlineData("[]", JsonValueKind.Array)]
    [InlineData("\"\"", JsonValueKind.String)]
    [InlineData("-1", JsonValueKind.Number)]
    [InlineData("true", JsonValueKind.True)]
    [InlineData("false", JsonValueKind.False)]
    [InlineData("null", JsonValueKind.Null)]
    [InlineData("", JsonValueKind.Undefined)]
    public void The_kind_is_told_by_the_first_byte(string json, JsonValueKind kind) => Assert.Equal(kind, Text(json).Kind);

    [Theory]
    [InlineData("\"a\\u0041\\n\\/\\\"\\\\\"", "aA\n/\"\\")]
    [InlineData("\"😀\\ud83d\\ude00\"", "😀😀")]
    [InlineData("1", null)]
    [InlineData("null", null)]
    public void A_string_is_decoded_whatever_its_escapes(string json, string? expected) => Assert.Equal(expected, Text(json).AsString());

    [Fact]
    public void A_string_keeps_what_no_other_reader_does() => Assert.Equal("\ud800\0\udc00", Text("\"\\ud800\\u0000\\uDC00\"").AsString());

    [Theory]
    [InlineData("12", 12L)]
    [InlineData("-12.9", -12L)]
    [InlineData("1e3", 1000L)]
    [InlineData("1E+3", 1000L)]
    [InlineData("1761861679.0", 1761861679L)]
    [InlineData("9223372036854775807", long.MaxValue)]
    [InlineData("-9223372036854775808", long.MinValue)]
    [InlineData("0e9", 0L)]
    [InlineData("1e-400", 0L)]
    [InlineData("9223372036854775808", null)]
    [InlineData("1e400", null)]
    [InlineData("\"12\"", null)]
    [InlineData("null", null)]
    public void A_whole_number_is_read_however_it_is_written(string json, long? expected) => Assert.Equal(expected, Text(json).AsInt64());

    [Theory]
    [InlineData("12", true)]
    [InlineData("12.0", true)]
    [InlineData("1.5e1", true)]
    [InlineData("0e-99999999999999999999", true)]
    [InlineData("12.5", false)]
    [InlineData("1e-400", false)]
    [InlineData("\"12\"", false)]
    public void A_whole_number_is_known_however_it_is_written(string json, bool whole) => Assert.Equal(whole, Text(json).IsWhole());

    [Theory]
    [InlineData("""{"a":1}""", "a", "1")]
    [InlineData("""{"\u0061":1}""", "a", "1")]
    [InlineData("""{"a":1,"b":2,"a":{ "c" : 3 }}""", "a", """{ "c" : 3 }""")]
    [InlineData("""{"b":{"a":1}}""", "a", null)]
    [InlineData("""{"a\"b":1}""", "a\"b", "1")]
    [InlineData("""{"a":null}""", "a", "null")]
    [InlineData("""["a"]""", "a", null)]
    [InlineData("\"a\"", "a", null)]
    public void A_property_is_the_last_one_of_its_name(string json, string name, string? expected) =>
        Assert.Equal(expected, Text(json).Property(Encoding.UTF8.GetBytes(name))?.ToString());

    [Fact]
    public void Elements_are_the_texts_between_the_commas()
    {
        Assert.Equal(["1.0", "[2, 3]", "\"a,\\\"]\"", "{ }"], Text("""[ 1.0 , [2, 3],"a,\"]", { } ]""").Elements().Select(element => element.ToString()));
        Assert.Empty(Text("[]").Elements());
        Assert.Empty(Text("{}").Elements());
    }

    [Theory]
    [InlineData(" { \"a b\" :\t[ 1 ,\r\n2 ] } ", "{\"a b\":[1,2]}")]
    [InlineData("\" \\\" \\\\\"", "\" \\\" \\\\\"")]
    [InlineData("[\"\\\\\" , \" \"]", "[\"\\\\\",\" \"]")]
    [InlineData("1.00", "1.00")]
    public void Minified_there_is_no_white_space_but_in_strings(string json, string minified) => Assert.Equal(minified, Text(json).Minified().ToString());

    [Fact]
    public void Texts_are_equal_byte_for_byte()
    {
        Assert.Equal(Text("1"), Text("1"));
        Assert.Equal(Text("1").GetHashCode(), Text("1").GetHashCode());
        Assert.NotEqual(Text("1"), Text("1.0"));
    }

    private static JsonText Text(string json) => new(Encoding.UTF8.GetBytes(json));
}
