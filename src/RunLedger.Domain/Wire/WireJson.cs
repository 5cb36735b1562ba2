using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace RunLedger.Domain.Wire;

/// <summary>
/// Reads and writes the wire types. Reading is typed, not exact: the exact snapshot, with absent and null kept apart, is what the ledger
/// stores; what is read here answers questions about it. Every field that an object of the API has is there again when it is written,
/// unknown ones included; fields that are declared and were absent are written as null. In requests it is the reverse: what is null
/// is not written.
/// </summary>
public static class WireJson
{
    /// <summary>How deep a document may nest.</summary>
    public const int MaxDepth = 512;

    /// <summary>Reads a run of the Assistants API.</summary>
    /// <param name="utf8Json">One JSON document in UTF-8.</param>
    /// <exception cref="JsonException">The document is not JSON or not a run; the exception names the place.</exception>
    public static RunObject ReadRun(ReadOnlySpan<byte> utf8Json) => Read(utf8Json, WireJsonContext.Default.RunObject);

    /// <inheritdoc cref="ReadRun(ReadOnlySpan{byte})"/>
    /// <param name="json">The document.</param>
    public static RunObject ReadRun(JsonElement json) => Read(json, WireJsonContext.Default.RunObject);

    /// <summary>Reads a response of the Responses API.</summary>
    /// <param name="utf8Json">One JSON document in UTF-8.</param>
    /// <exception cref="JsonException">The document is not JSON or not a response; the exception names the place.</exception>
    public static ResponseObject ReadResponse(ReadOnlySpan<byte> utf8Json) => Read(utf8Json, WireJsonContext.Default.ResponseObject);

    /// <inheritdoc cref="ReadResponse(ReadOnlySpan{byte})"/>
    /// <param name="json">The document.</param>
    public static ResponseObject ReadResponse(JsonElement json) => Read(json, WireJsonContext.Default.ResponseObject);

    /// <summary>Reads any wire type.</summary>
    /// <typeparam name="T">The wire type.</typeparam>
    /// <param name="utf8Json">One JSON document in UTF-8.</param>
    /// <param name="typeInfo">The type's description, a property of <see cref="WireJsonContext.Default"/>.</param>
    /// <exception cref="JsonException">The document is not JSON or not of the type; the exception names the place.</exception>
    public static T Read<T>(ReadOnlySpan<byte> utf8Json, JsonTypeInfo<T> typeInfo)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(utf8Json, typeInfo) ?? throw NullDocument();
        }
        catch (InvalidOperationException error)
        {
            throw NotText(error);
        }
    }

    /// <inheritdoc cref="Read{T}(ReadOnlySpan{byte}, JsonTypeInfo{T})"/>
    /// <param name="json">The document.</param>
    /// <param name="typeInfo">The type's description, a property of <see cref="WireJsonContext.Default"/>.</param>
    public static T Read<T>(JsonElement json, JsonTypeInfo<T> typeInfo)
        where T : class
    {
        try
        {
            return json.Deserialize(typeInfo) ?? throw NullDocument();
        }
        catch (InvalidOperationException error)
        {
            throw NotText(error);
        }
    }

    /// <summary>Writes any wire type as UTF-8, without white space.</summary>
    /// <typeparam name="T">The wire type.</typeparam>
    /// <param name="value">The value to write.</param>
    /// <param name="typeInfo">The type's description, a property of <see cref="WireJsonContext.Default"/>.</param>
    public static byte[] Write<T>(T value, JsonTypeInfo<T> typeInfo)
        where T : class => JsonSerializer.SerializeToUtf8Bytes(value, typeInfo);

    /// <summary>Writes a run of the Assistants API as UTF-8.</summary>
    /// <param name="run">The run.</param>
    public static byte[] Write(RunObject run) => Write(run, WireJsonContext.Default.RunObject);

    /// <summary>Writes a response of the Responses API as UTF-8.</summary>
    /// <param name="response">The response.</param>
    public static byte[] Write(ResponseObject response) => Write(response, WireJsonContext.Default.ResponseObject);

    private static JsonException NullDocument() => new("Expected an object, found null.", "$", null, null);

    // The framework's reader reports bytes that are no UTF-8, and names that are no UTF-16, as an invalid operation.
    private static JsonException NotText(InvalidOperationException error) => new(error.Message, error);
}
