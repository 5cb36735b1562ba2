using System.Globalization;
using System.Text;
using System.Text.Json;
using RunLedger.Domain.Json;
using RunLedger.Domain.Observations;

namespace RunLedger.Domain.Capture;

/// <summary>
/// A recorded exchange as an item: <c>{"n", "method", "path", "request", "status", "content_type", "body"}</c>, where the body is the answer's JSON
/// or a string of its text, as it is of an event stream.
/// </summary>
internal static class ExchangeLine
{
    /// <summary>Whether an object is meant to be an exchange.</summary>
    public static bool Matches(ItemFields fields) =>
        fields[ItemField.Object] is null && fields[ItemField.Snapshot] is null
        && (fields[ItemField.Method] ?? fields[ItemField.Path]) is not null && (fields[ItemField.Status] ?? fields[ItemField.Body]) is not null;

    /// <summary>The exchange, or its first defect.</summary>
    public static Checked<Exchange> Read(ItemFields fields)
    {
        if (Text(fields, ItemField.Method, out var method) is { } noMethod) return noMethod;
        if (Text(fields, ItemField.Path, out var path) is { } noPath) return noPath;
        if (fields[ItemField.Status] is not { } code) return new Defect("status", "is missing");
        if (StatusOf(code) is not { } status) return new Defect("status", "is not an HTTP status");
        string? contentType = null;
        if (fields.Given(ItemField.ContentType) is not null && Text(fields, ItemField.ContentType, out contentType) is { } noType) return noType;
        var body = fields.Given(ItemField.Body);
        if (fields[ItemField.Body] is null && MayHaveBody(status)) return new Defect("body", "is missing");
        var request = fields.Given(ItemField.Request);
        if (request is { } sent && Envelope.DepthDefect("request", sent) is { } tooDeep) return tooDeep;

        var exchange = new Exchange(method!, path!, request, status, contentType, body is { } answer ? answer.Utf8 : default);
        return body is { Kind: JsonValueKind.String } text && status is >= 200 and <= 299 ? WithText(exchange, text) : exchange;
    }

    // Some recorders write it as a string.
    private static int? StatusOf(JsonText code)
    {
        var number = code.AsString() is { } text && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var written) ? written
            : code.IsWhole() ? code.AsInt64() : null;
        return number is >= 100 and <= 999 ? (int)number : null;
    }

    // RFC 9110, sections 15.3.5 and 15.3.6. What has no run to show need not show it whole either.
    private static bool MayHaveBody(int status) => status is >= 200 and <= 299 and not 204 and not 205;

    private static Defect? Text(ItemFields fields, ItemField field, out string? text)
    {
        text = fields[field]?.AsString();
        if (text is not null) return null;
        return new Defect(ItemFields.NameOf(field), fields[field] is { } other ? $"is {ItemFields.Describe(other)}, not a string" : "is missing");
    }

    // A string is the text that was answered: an event stream, or JSON that the recorder took for no more than text.
    private static Checked<Exchange> WithText(Exchange exchange, JsonText body)
    {
        var text = new byte[body.Utf8.Length];
        try
        {
            var reader = new Utf8JsonReader(body.Utf8.Span);
            reader.Read();
            return exchange with { Body = text.AsMemory(0, reader.CopyString(text)) };
        }
        catch (InvalidOperationException)
        {
            var legible = exchange with { Body = Encoding.UTF8.GetBytes(body.AsString()!) };
            return ExchangeReader.IsLegible(legible) ? new Defect("body", "contains a lone surrogate, which no text in UTF-8 can") : exchange;
        }
    }
}
