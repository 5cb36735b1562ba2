using System.Text;
using RunLedger.Domain.Capture;

namespace RunLedger.Domain.Tests.Capture;

public class ItemFramingTests
{
    [Theory]
    [InlineData("")]
    [InlineData("\n \r\n\t")]
    [InlineData("\uFEFF")]
    [InlineData("[]")]
    [InlineData(" [ \n ] \n")]
    public void Empty_input_has_no_items(string input) => Assert.Empty(Frame(input));

    [Theory]
    [InlineData("{\"a\":1}")]
    [InlineData("\uFEFF{\"a\":1}\n")]
    [InlineData("\r\n  {\"a\":1}  \r\n")]
    [InlineData("[{\"a\":1}]")]
    [InlineData(" [\n  {\"a\":1}\n]\n")]
    public void A_single_item_is_found_in_every_form(string input) => Assert.Equal(["{\"a\":1}"], Texts(input));

    [Theory]
    [InlineData("{\"a\":1}\n{\"b\":2}\n{\"c\":3}\n")]
    [InlineData("{\"a\":1}\r\n{\"b\":2}\r\n\r\n\r\n{\"c\":3}")]
    [InlineData("\uFEFF\n{\"a\":1}\n\n  {\"b\":2} \n\t{\"c\":3}\n")]
    [InlineData("\uFEFF{\"a\":1}\n\uFEFF{\"b\":2}\n\uFEFF\r\n\uFEFF{\"c\":3}\n\uFEFF")]
    [InlineData("{\"a\":1}{\"b\":2} {\"c\":3}")]
    [InlineData("{\"a\":1} {\"b\":2}\n{\"c\":3}")]
    [InlineData("[{\"a\":1},{\"b\":2},{\"c\":3}]")]
    [InlineData("[\r\n{\"a\":1}\r\n,{\"b\":2},\n\n{\"c\":3}\n]\n")]
    [InlineData("[{\"a\":1}] [{\"b\":2},{\"c\":3}]")]
    public void Several_items_are_found_in_every_form(string input) => Assert.Equal(["{\"a\":1}", "{\"b\":2}", "{\"c\":3}"], Texts(input));

    [Fact]
    public void Values_may_go_over_lines_and_follow_one_another() =>
        Assert.Equal(
            ["{\n \"a\": [\n  1\n ]\n}", "{\n \"b\": {}\n}", "{\"c\":3}", "{\n}"],
            Texts("{\n \"a\": [\n  1\n ]\n}\n{\n \"b\": {}\n}{\"c\":3}\n\n{\n}"));

    [Fact]
    public void Brackets_quotes_and_newlines_in_strings_are_text()
    {
        const string item = """{"a":"}]\"[{\\","b":"\n"}""";
        Assert.Equal([item, item], Texts($"[{item},{item}]"));
        Assert.Equal([item, item], Texts($"{item}{item}"));
        Assert.Equal([$"{{\n\"x\":{item}\n}}", item], Texts($"{{\n\"x\":{item}\n}}\n{item}"));
    }

    [Fact]
    public void Items_know_their_number_line_and_offset()
    {
        var items = Frame("\uFEFF{\"a\":1}\r\n\r\n  {\"b\":2}\n").Cast<FramedItem>().ToArray();
        Assert.Equal([(1L, 1L, 3L), (2L, 3L, 16L)], items.Select(item => (item.At.Number, item.At.Line, item.Offset)));
        Assert.Equal(["line 1", "line 3"], items.Select(item => item.At.ToString()));

        items = Frame("[\n{\"a\":\n1}, {\"b\":2},\n\n3]").Cast<FramedItem>().ToArray();
        Assert.Equal([(1L, 2L, 2L), (2L, 3L, 12L), (3L, 5L, 22L)], items.Select(item => (item.At.Number, item.At.Line, item.Offset)));
        Assert.Equal(["item 1", "item 2", "item 3"], items.Select(item => item.At.ToString()));
    }

    [Theory]
    [InlineData("{\"a\":")]
    [InlineData("{\"a\":1")]
    [InlineData("{\"a\":\"cut o")]
    [InlineData("{\"a\":1}}")]
    [InlineData("{\"a\":1]")]
    [InlineData("{\"a\":1} x")]
    [InlineData("no json")]
    [InlineData("\"{")]
    [InlineData("]")]
    public void A_broken_line_is_one_bad_item_and_the_lines_after_it_are_fine(string broken)
    {
        const string good = """{"id":"run_1","n":[1]}""";
        Assert.Equal([good, broken, good, good], Texts($"{good}\n{broken}\n{good}\n{good}"));
    }

    [Theory]
    [InlineData("{\"a\":1,")]
    [InlineData("{\"a\":1")]
    [InlineData("{\"a\":{")]
    [InlineData("{\"a\":[1")]
    [InlineData("{\"a\":\"cut o")]
    [InlineData("{\"a\":1}}")]
    [InlineData("{\"a\":1]")]
    [InlineData("{\"a\":1} x")]
    [InlineData("no json")]
    public void A_broken_first_line_is_one_bad_item_too(string broken)
    {
        const string good = """{"id":"run_1","n":[1]}""";
        Assert.Equal([broken, good, broken, good], Texts($"{broken}\n{good}\r\n{broken}\n{good}"));
    }

    [Fact]
    public void A_broken_value_ends_where_the_next_one_begins() =>
        Assert.Equal(["{\n \"a\": [1}\n}", "{\n \"b\": 2\n}", "{\n \"c\": \"cut\n}", "{\n \"d\": 4\n}"],
            Texts("{\n \"a\": [1}\n}\n{\n \"b\": 2\n}\n{\n \"c\": \"cut\n}\n{\n \"d\": 4\n}"));

    [Fact]
    public void A_value_that_the_input_cuts_off_is_one_item() => Assert.Equal(["{\n \"a\": [\n  1"], Texts("{\n \"a\": [\n  1\n"));

    [Fact]
    public void Elements_may_be_of_any_kind() =>
        Assert.Equal(["1", "\"a,]\"", "null", "[2,[3]]", "nonsense", "{}"], Texts("[1, \"a,]\",null ,[2,[3]],nonsense\n,{}]"));

    [Theory]
    [InlineData("[{\"a\":1},{\"b\":2}", 2, 16, 1)]
    [InlineData("[{\"a\":1},{\"b\":2},", 2, 17, 1)]
    [InlineData("[{\"a\":1},\n{\"b\":", 1, 15, 2)]
    [InlineData("[{\"a\":1},\n{\"b\":2} {\"c\":3}]", 2, 18, 2)]
    [InlineData("[{\"a\":1},\n{\"b\":2} x]", 2, 18, 2)]
    [InlineData("[{\"a\":1},,{\"b\":2}]", 1, 9, 1)]
    [InlineData("[{\"a\":1},]", 1, 9, 1)]
    [InlineData("[,]", 0, 1, 1)]
    [InlineData("[{\"a\":1]", 0, 7, 1)]
    [InlineData("[{\"a\":1,\n{\"b\":2}]", 0, 9, 2)]
    [InlineData("[{\"a\":1}]\n x", 1, 11, 2)]
    [InlineData("[", 0, 1, 1)]
    public void A_broken_array_gives_its_good_elements_and_then_a_failure(string input, int good, long offset, long line)
    {
        var framed = Frame(input);
        Assert.Equal(good, framed.OfType<FramedItem>().Count());
        var failure = Assert.IsType<FramingFailure>(framed[^1]);
        Assert.Equal((offset, line), (failure.Offset, failure.Line));
        Assert.Equal(good + 1, framed.Count);
    }

    [Theory]
    [InlineData("{0}\n{1}\n{0}\n")]
    [InlineData("{1}\n{0}\n{0}")]
    [InlineData("[{0},{1},{0}]")]
    [InlineData("{0}{1}{0}")]
    [InlineData("{0}\n{0}\n{1}")]
    public void An_item_that_is_too_large_is_a_defect_and_takes_no_other_with_it(string form)
    {
        var small = "{\"a\":1}";
        var large = "{\"a\":\"" + new string('x', 100) + "\"}";
        var items = Frame(form.Replace("{0}", small).Replace("{1}", large), maxItemBytes: 50).Cast<FramedItem>().ToArray();
        Assert.Equal(3, items.Length);
        Assert.Equal(2, items.Count(item => item.Defect is null && Text(item) == small));
        Assert.Equal("is larger than 50 bytes", Assert.Single(items, item => item.Defect is not null).Defect!.Reason);
    }

    [Theory]
    [InlineData("{\"a\":1,")]
    [InlineData("{\"a\":[1")]
    [InlineData("{\"a\":\"cut o")]
    [InlineData("{\"a\":1}}")]
    [InlineData("no json")]
    public void A_broken_first_line_is_told_as_a_line(string broken) =>
        Assert.Equal(["line 1", "line 2", "line 4"], Frame($"{broken}\n{{\"b\":2}}\n\n{{\"c\":3}}").Cast<FramedItem>().Select(item => item.At.ToString()));

    [Fact]
    public void Of_an_item_that_is_too_large_it_is_kept_where_it_stood_how_large_it_was_and_how_it_began()
    {
        static string Large(char filling, int size) => $"{{\"{filling}\":\"é{new string(filling, size)}\"}}";

        var items = Frame($"{Large('x', 2_000)}\n{Large('x', 2_000)}\n{Large('y', 90)}\n", maxItemBytes: 50).Cast<FramedItem>().ToArray();

        Assert.Equal(3, items.Select(Text).Distinct().Count());
        Assert.All(items, item => Assert.True(TooLarge.IsNote(item.Bytes.Span)));
        Assert.Equal("{\"too_large\":{\"bytes\":100,\"offset\":4022,\"line\":3,\"beginning\":\"{\\\"y\\\":\\\"é" + new string('y', 42) + "\"}}", Text(items[2]));
        var whole = Assert.IsType<FramedItem>(Frame($"{Large('x', 9_000)}", maxItemBytes: 5_000).Single());
        Assert.InRange(whole.Bytes.Length, 1_024, 1_200);
    }

    [Fact]
    public void Items_in_memory_are_slices_of_the_input()
    {
        byte[] input = [.. "[{\"a\":1}]"u8];
        var item = Assert.IsType<FramedItem>(Assert.Single(ItemFraming.Read(input)));
        input[3] = (byte)'z';
        Assert.Equal("{\"z\":1}", Text(item));
    }

    private static List<Framed> Frame(string input, int maxItemBytes = ItemFraming.DefaultMaxItemBytes) =>
        [.. ItemFraming.Read(Encoding.UTF8.GetBytes(input), maxItemBytes)];

    private static IEnumerable<string> Texts(string input) => Frame(input).Select(framed => Text(Assert.IsType<FramedItem>(framed)));

    private static string Text(FramedItem item) => Encoding.UTF8.GetString(item.Bytes.Span);
}
