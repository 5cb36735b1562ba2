using RunLedger.Domain.Json;

namespace RunLedger.Contract.Json;

/// <summary>Asserts that JSON texts mean the same: objects without order, numbers by their exact decimal values, strings by their UTF-16 units.</summary>
public static class JsonAssert
{
    public static void DeepEqual(string expected, JsonText? actual)
    {
        Assert.True(actual is not null, $"Nothing was given back for {Shown(expected)}");
        DeepEqual(expected, actual.Value.ToString());
    }

    public static void DeepEqual(string expected, string actual)
    {
        if (Difference("$", JsonValue.Parse(expected), JsonValue.Parse(actual)) is { } difference)
            Assert.Fail($"{difference}\nexpected {Shown(expected)}\nactual   {Shown(actual)}");
    }

    /// <summary>Where and how two values differ; null if they do not.</summary>
    public static string? Difference(string path, JsonValue expected, JsonValue actual) => (expected, actual) switch
    {
        (JsonValue.Object x, JsonValue.Object y) =>
            x.Members.Keys.Except(y.Members.Keys).Select(name => $"{path}.{name} is missing")
                .Concat(y.Members.Keys.Except(x.Members.Keys).Select(name => $"{path}.{name} is too much"))
                .Concat(x.Members.Where(member => y.Members.ContainsKey(member.Key))
                    .Select(member => Difference($"{path}.{member.Key}", member.Value, y.Members[member.Key]))
                    .OfType<string>())
                .FirstOrDefault(),
        (JsonValue.Array x, JsonValue.Array y) => x.Elements.Count != y.Elements.Count
            ? $"{path} has {y.Elements.Count} elements instead of {x.Elements.Count}"
            : x.Elements.Select((element, index) => Difference($"{path}[{index}]", element, y.Elements[index])).FirstOrDefault(found => found is not null),
        _ => expected == actual ? null : $"{path} is {Shown($"{actual}")} instead of {Shown($"{expected}")}",
    };

    private static string Shown(string text) => text.Length <= 2_000 ? text : text[..2_000] + "…";
}
