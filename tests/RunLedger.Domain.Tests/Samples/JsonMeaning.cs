namespace RunLedger.Domain.Tests.Samples;

/// <summary>Deep equality of JSON: numbers by exact value, the last of duplicate names, absent and null kept apart, order of names ignored.</summary>
public static class JsonMeaning
{
    /// <summary>Whether two texts mean the same.</summary>
    public static bool Same(string x, string y) => Difference(x, y) is null;

    /// <summary>Where two texts first differ in meaning, and how; null if they do not.</summary>
    public static string? Difference(string x, string y) => Difference(JsonTree.Parse(x), JsonTree.Parse(y), "$");

    /// <summary>Fails with the place of the first difference.</summary>
    public static void AssertSame(string expected, string actual)
    {
        var difference = Difference(expected, actual);
        Assert.True(difference is null, $"{difference}\nexpected {Shown(expected)}\nactual   {Shown(actual)}");
    }

    private static string? Difference(JsonTree x, JsonTree y, string path) => (x, y) switch
    {
        (JsonTree.Object a, JsonTree.Object b) => OfMembers(LastOfEach(a), LastOfEach(b), path),
        (JsonTree.Array a, JsonTree.Array b) when a.Items.Count != b.Items.Count => $"{path} has {a.Items.Count} items against {b.Items.Count}",
        (JsonTree.Array a, JsonTree.Array b) => a.Items.Select((item, i) => Difference(item, b.Items[i], $"{path}[{i}]")).FirstOrDefault(found => found is not null),
        (JsonTree.Number a, JsonTree.Number b) => a.Value == b.Value ? null : $"{path} is {a.Token} against {b.Token}",
        (JsonTree.String, JsonTree.String) or (JsonTree.Word, JsonTree.Word) => x == y ? null : $"{path} is {x} against {y}",
        _ => $"{path} is {x.GetType().Name} against {y.GetType().Name}",
    };

    private static string? OfMembers(Dictionary<string, JsonTree> x, Dictionary<string, JsonTree> y, string path)
    {
        foreach (var name in x.Keys.Union(y.Keys, StringComparer.Ordinal))
        {
            if (!x.TryGetValue(name, out var a)) return $"{path}.{name} is absent against present";
            if (!y.TryGetValue(name, out var b)) return $"{path}.{name} is present against absent";
            if (Difference(a, b, $"{path}.{name}") is { } difference) return difference;
        }
        return null;
    }

    private static Dictionary<string, JsonTree> LastOfEach(JsonTree.Object tree)
    {
        var last = new Dictionary<string, JsonTree>(StringComparer.Ordinal);
        foreach (var (name, value) in tree.Members) last[name] = value;
        return last;
    }

    private static string Shown(string json) => json.Length <= 2_000 ? json : $"{json[..2_000]}… ({json.Length} characters)";
}
