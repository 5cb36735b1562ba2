using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace RunLedger.Simulator.Api;

/// <summary>The JSON object that a request sent, read field by field. A field that is null counts as absent.</summary>
internal sealed class RequestBody(JsonElement root, string path = "")
{
    public static JsonElement EmptyObject { get; } = JsonElement.Parse("{}");

    /// <summary>Reads a request's body; one that is empty counts as <c>{}</c>.</summary>
    /// <param name="request">The request.</param>
    /// <param name="known">The fields that may occur.</param>
    /// <exception cref="ApiException">400: no JSON object, or one with fields that the service does not know.</exception>
    public static async Task<RequestBody> ReadAsync(HttpRequest request, params string[] known)
    {
        using var buffer = new MemoryStream();
        await request.Body.CopyToAsync(buffer, request.HttpContext.RequestAborted);
        var body = new RequestBody(Parse(buffer.GetBuffer().AsMemory(0, (int)buffer.Length)));
        body.Allow(known);
        return body;
    }

    public string? Text(string name) => Get(name, JsonValueKind.String, "a string")?.GetString();

    public JsonElement? Array(string name) => Get(name, JsonValueKind.Array, "an array");

    public JsonElement? Object(string name) => Get(name, JsonValueKind.Object, "an object");

    /// <summary>The objects of an array; none when it is absent.</summary>
    public IEnumerable<RequestBody> Objects(string name) =>
        Array(name) is not { } items ? [] : items.EnumerateArray().Select((item, index) =>
        {
            var place = $"{Path(name)}[{index}]";
            return item.ValueKind == JsonValueKind.Object
                ? new RequestBody(item, place + ".")
                : throw ApiException.WrongType(place, "an object");
        });

    /// <summary>An object within this one, whose own fields are checked too.</summary>
    public RequestBody? Nested(string name, params string[] known)
    {
        if (Object(name) is not { } value)
        {
            return null;
        }

        var nested = new RequestBody(value, Path(name) + ".");
        nested.Allow(known);
        return nested;
    }

    /// <summary>A value of any type: the service takes a string or an object here.</summary>
    public JsonElement? Any(string name) =>
        root.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    public bool? Flag(string name) => Any(name) is not { } value ? null : value.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw ApiException.WrongType(Path(name), "a boolean"),
    };

    public JsonElement? Number(string name, double least, double most)
    {
        if (Get(name, JsonValueKind.Number, "a number") is not { } value)
        {
            return null;
        }

        return value.GetDouble() >= least && value.GetDouble() <= most
            ? value
            : throw ApiException.BadRequest(
                $"Invalid '{Path(name)}': expected a value from {least} to {most}.", Path(name), "invalid_value");
    }

    public int? Whole(string name, int least)
    {
        if (Get(name, JsonValueKind.Number, "an integer") is not { } value)
        {
            return null;
        }

        return !value.TryGetInt32(out var number) ? throw ApiException.WrongType(Path(name), "an integer")
            : number < least ? throw ApiException.BadRequest(
                $"Invalid '{Path(name)}': integer below minimum value. Expected a value >= {least}, but got {number} instead.",
                Path(name),
                "integer_below_min_value")
            : number;
    }

    /// <summary>The metadata: up to 16 pairs, keys of up to 64 characters, values of up to 512.</summary>
    /// <exception cref="ApiException">400: it is not that.</exception>
    public JsonElement? Metadata()
    {
        if (Object("metadata") is not { } metadata)
        {
            return null;
        }

        foreach (var pair in metadata.EnumerateObject())
        {
            if (pair.Value.ValueKind != JsonValueKind.String)
            {
                throw ApiException.WrongType($"{Path("metadata")}.{pair.Name}", "a string");
            }

            if (pair.Name.Length > 64 || pair.Value.GetString()!.Length > 512)
            {
                throw ApiException.BadRequest(
                    $"Invalid '{Path("metadata")}': keys have up to 64 characters, values up to 512.",
                    Path("metadata"),
                    "string_above_max_length");
            }
        }

        return metadata.EnumerateObject().Count() <= 16
            ? metadata
            : throw ApiException.BadRequest(
                $"Invalid '{Path("metadata")}': too many properties. Expected an object with at most 16 properties.",
                Path("metadata"),
                "object_above_max_properties");
    }

    /// <exception cref="ApiException">400: there are other fields than these.</exception>
    public void Allow(params string[] known)
    {
        foreach (var field in root.EnumerateObject().Where(field => !known.Contains(field.Name)))
        {
            throw ApiException.BadRequest($"Unknown parameter: '{Path(field.Name)}'.", Path(field.Name), "unknown_parameter");
        }
    }

    /// <summary>The error that this object lacks a field.</summary>
    public ApiException Missing(string name) => ApiException.Missing(Path(name));

    /// <summary>The error that a field of this object has a value that is none of those supported.</summary>
    public ApiException BadValue(string name, string value, string supported) => ApiException.BadValue(Path(name), value, supported);

    private static JsonElement Parse(ReadOnlyMemory<byte> json)
    {
        if (json.IsEmpty)
        {
            return EmptyObject;
        }

        try
        {
            CheckText(json.Span);
            var root = JsonElement.Parse(json.Span);
            return root.ValueKind == JsonValueKind.Object ? root : throw ApiException.BadRequest("Invalid body: expected a JSON object.");
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            throw ApiException.BadRequest($"We could not parse the JSON body of your request. {error.Message}");
        }
    }

    /// <summary>JSON's grammar allows escapes of half a character, which are no text; the service takes whole ones alone.</summary>
    /// <exception cref="InvalidOperationException">There is one.</exception>
    private static void CheckText(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        while (reader.Read())
        {
            if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName)
            {
                _ = reader.GetString();
            }
        }
    }

    private JsonElement? Get(string name, JsonValueKind kind, string expected) =>
        Any(name) is not { } value ? null
        : value.ValueKind == kind ? value
        : throw ApiException.WrongType(Path(name), expected);

    private string Path(string name) => path + name;
}
