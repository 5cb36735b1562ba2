using System.Globalization;
using FsCheck;
using FsCheck.Fluent;

namespace RunLedger.Domain.Tests.Samples;

/// <summary>JSON texts that make trouble: every way to write a string or a number, names that look like marks, duplicates, white space.</summary>
public static class RandomJson
{
    private static readonly string[] Troubles =
    [
        "", "a", "A", "$", "$json", "$content", "$$", "bytes", "\\u0041", "\0", "a\0b", "\ud800", "\udc00x", "\udc00\ud800", "😀", "\ue000", "\uffff",
        "\"", "\\", "/", "\u007f", "\u2028", "\b\f\n\r\t\u0001", "null", "é", "e\u0301", " ", "status2", "日本語", "<&>'",
    ];

    /// <summary>Strings, told as the text that they mean.</summary>
    public static Gen<string> Text { get; } = Gen.OneOf(
        Gen.Elements(Troubles),
        from first in Gen.Elements(Troubles) from second in Gen.Elements(Troubles) select first + second,
        from letters in Gen.ArrayOf(Gen.Choose('a', 'z').Select(letter => (char)letter)) select new string(letters));

    public static Gen<string> Number { get; } = Gen.OneOf(
        Gen.Elements(
            "0", "-0", "0.0", "-0.0e5", "1", "1.0", "1.00", "100", "1e2", "1E+2", "10e1", "0.1", "0.10", "1e-1", "1e400", "1E+400", "10e399", "-1e400",
            "1e-400", "9007199254740993", "9007199254740993.0", "1e0000000000000000000002", "1e99999999999999999999", "10e99999999999999999998",
            "1E+99999999999999999999", "1e-99999999999999999999", "0e99999999999999999999", "0e-20000", "123456789012345678", "1234567890123456789",
            $"1{new string('0', 60)}", $"1.{new string('0', 20_000)}", $"0.{new string('0', 20_000)}1", new string('7', 1_100)),
        Gen.Choose(-1000, 1000).Select(number => number.ToString(CultureInfo.InvariantCulture)),
        from mantissa in Gen.Choose(-99, 99)
        from fraction in Gen.Choose(0, 999)
        from exponent in Gen.Choose(-30, 30)
        select $"{mantissa}.{fraction}e{exponent}");

    private static Gen<string> String { get; } =
        from text in Text from seed in Gen.Choose(0, 1_000_000) select JsonSpelling.Respelled(SnapshotSample.Quoted(text), seed);

    /// <summary>Any value, at most four levels deep.</summary>
    public static Gen<string> Value { get; } = ValueOf(4);

    /// <summary>Any object.</summary>
    public static Gen<string> Object { get; } = ObjectOf(3);

    /// <summary>Small values of few kinds, so that two of them are often equal in meaning.</summary>
    public static Gen<string> Collider { get; } = Gen.OneOf(
        Gen.Elements("1", "1.0", "10e-1", "0.1", "0.10", "-0", "0", "0e9", "1e2", "100", "1E+2", "1e400", "10e399", "true", "null", "[]", "{}", "[1]", "[1.0]"),
        Gen.Elements("\"A\"", "\"\\u0041\"", "\"/\"", "\"\\/\"", "\"😀\"", "\"\\uD83D\\uDE00\"", "\"\\ud83d\"", "\"\\uD83D\"", "\"\\u0000\"", "\"\""),
        Gen.Elements(
            """{"a":1,"b":2}""", """{"b":2,"a":1.0}""", """{"a":2,"\u0061":1,"b":2}""", """{"a":1}""", """{"a":1,"a":2}""", """{"b":null,"a":1}""",
            "{\"\ue000\":1,\"😀\":2}", "{\"😀\":2,\"\\ue000\":1}"));

    private static Gen<string> ValueOf(int depth)
    {
        var leaf = Gen.OneOf(String, String, Number, Gen.Elements("true", "false", "null"));
        return depth == 0 ? leaf : Gen.OneOf(leaf, leaf, ArrayOf(depth - 1), ObjectOf(depth - 1));
    }

    private static Gen<string> ArrayOf(int depth) =>
        from count in Gen.Choose(0, 3) from items in Gen.ListOf(ValueOf(depth), count) select $"[ {string.Join(" ,", items)}]";

    private static Gen<string> ObjectOf(int depth) =>
        from count in Gen.Choose(0, 4)
        from names in Gen.ListOf(String, count)
        from values in Gen.ListOf(ValueOf(depth), count)
        select $"{{{string.Join(",\n", names.Zip(values, (name, value) => $"{name} : {value}"))}}}";
}
