using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using RunLedger.Domain.Wire;

namespace RunLedger.Domain.Tests.Wire;

/// <summary>What the tests of the wire types share.</summary>
internal static class WireAssert
{
    /// <summary>Reads the sample, writes it, and holds the two documents equal as JSON.</summary>
    public static T RoundTrips<T>(string json, JsonTypeInfo<T> typeInfo)
        where T : class
    {
        T value = WireJson.Read(Encoding.UTF8.GetBytes(json), typeInfo);
        SameJson(json, WireJson.Write(value, typeInfo));
        return value;
    }

    /// <summary>As <see cref="RoundTrips"/>, where the written document may have more fields, all of them null.</summary>
    public static T KeepsEveryField<T>(string json, JsonTypeInfo<T> typeInfo)
        where T : class
    {
        T value = WireJson.Read(Encoding.UTF8.GetBytes(json), typeInfo);
        JsonObject before = JsonNode.Parse(json)!.AsObject();
        JsonObject after = JsonNode.Parse(WireJson.Write(value, typeInfo))!.AsObject();
        foreach (var (name, node) in after.ToList())
        {
            if (!before.ContainsKey(name))
            {
                Assert.Null(node);
                after.Remove(name);
            }
        }

        Assert.True(JsonNode.DeepEquals(before, after), $"Expected {before.ToJsonString()}\nbut was  {after.ToJsonString()}");
        return value;
    }

    public static void SameJson(string expected, byte[] actual)
    {
        var options = new JsonDocumentOptions { MaxDepth = WireJson.MaxDepth };
        using var before = JsonDocument.Parse(expected, options);
        using var after = JsonDocument.Parse(actual, options);
        Assert.True(
            JsonElement.DeepEquals(before.RootElement, after.RootElement),
            $"Expected {expected}\nbut was  {Encoding.UTF8.GetString(actual)}");
    }

    public static string Written<T>(T value, JsonTypeInfo<T> typeInfo)
        where T : class => Encoding.UTF8.GetString(WireJson.Write(value, typeInfo));

    /// <summary>The run with one field set to another value.</summary>
    public static string With(string json, string field, string value)
    {
        JsonObject document = JsonNode.Parse(json)!.AsObject();
        document[field] = JsonNode.Parse(value);
        return document.ToJsonString();
    }

    public static string Without(string json, string field)
    {
        JsonObject document = JsonNode.Parse(json)!.AsObject();
        Assert.True(document.Remove(field));
        return document.ToJsonString();
    }
}
