namespace RunLedger.Contract.Samples;

/// <summary>Random JSON values, rich in what object models and <c>jsonb</c> lose.</summary>
public static class RandomJson
{
    private static readonly string[] Pieces =
    [
        "", "a", "é", "😀", "\\u0000", "\\ud800", "\\udfff", "\\ud83d\\ude00",
        "\\\"", "\\\\", "\\/", "\\n", "$", "$json", "\\u0024json", "$content", "\u007f", "\u2028",
    ];

    private static readonly string[] Numbers =
    [
        "0", "-0", "-0.0", "0e5", "1", "-1", "10", "1.0", "0.10", "1e3", "1E+3", "1e-3", "1e400", "1E+400", "-1e400",
        "1e-300", "1e-400", "1e200000", "1e-200000",
        "123456789012345678901234567890", "0.1000000000000000000000000000000000000001", "9007199254740993", "1e16383", "100e-2",
    ];

    /// <summary>A value nested at most this deep.</summary>
    public static string Value(Random random, int depth = 4) => random.Next(depth > 0 ? 10 : 6) switch
    {
        0 => "null",
        1 => random.Next(2) == 0 ? "true" : "false",
        2 => $"{random.NextInt64()}",
        3 => Numbers[random.Next(Numbers.Length)],
        4 => $"\"{Text(random)}\"",
        5 => $"\"{Text(random)}{new string('x', random.Next(3) == 0 ? 1_100 : 3)}\"",
        6 or 7 => $"[{string.Join(" , ", Enumerable.Range(0, random.Next(4)).Select(_ => Value(random, depth - 1)))}]",
        _ => Object(random, depth),
    };

    /// <summary>An object; now and then with the same name twice.</summary>
    public static string Object(Random random, int depth = 3) =>
        $"{{{string.Join(",", Enumerable.Range(0, random.Next(4)).Select(_ => $"\"{Text(random)}\":{Value(random, depth - 1)}"))}}}";

    /// <summary>What stands between the quotes of a string.</summary>
    public static string Text(Random random) => string.Concat(Enumerable.Range(0, random.Next(3)).Select(_ => Pieces[random.Next(Pieces.Length)]));
}
