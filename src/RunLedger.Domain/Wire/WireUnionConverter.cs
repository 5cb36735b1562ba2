using System.Text.Json;
using System.Text.Json.Serialization;

namespace RunLedger.Domain.Wire;

/// <summary>Reads a union: tries the shapes that are known, and keeps the JSON of any other.</summary>
/// <typeparam name="TUnion">The base of the closed hierarchy.</typeparam>
internal abstract class WireUnionConverter<TUnion> : JsonConverter<TUnion>
    where TUnion : class, IWireUnion
{
    public override TUnion Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        ReadKnown(ref reader) ?? Keep(JsonElement.ParseValue(ref reader));

    public override void Write(Utf8JsonWriter writer, TUnion value, JsonSerializerOptions options) => value.WriteTo(writer);

    /// <summary>Reads a known shape, or returns null and leaves the reader where it was.</summary>
    protected abstract TUnion? ReadKnown(ref Utf8JsonReader reader);

    /// <summary>Makes the case for a shape that is not known.</summary>
    protected abstract TUnion Keep(JsonElement raw);
}

/// <summary>A value that has one of several shapes on the wire, each a case of a closed hierarchy.</summary>
internal interface IWireUnion
{
    /// <summary>Writes the case in its own shape.</summary>
    void WriteTo(Utf8JsonWriter writer);
}
