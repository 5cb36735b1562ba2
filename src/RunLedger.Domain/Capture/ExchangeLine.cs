using System.Text.Json;
using RunLedger.Domain.Json;
using RunLedger.Domain.Observations;

namespace RunLedger.Domain.Capture;

/// <summary>
/// A recorded exchange as an item: <c>{"n", "method", "path", "request", "status", "content_type", "body"}</c>, where the body of an event
/// stream is a string of its text.
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
        if (!code.IsWhole() || code.AsInt64() is not (>= 100 and <= 999 and var status)) return new Defect("status", "is not an HTTP status");
        string? contentType = null;
        if (fields.Given(ItemField.ContentType) is not null && Text(fields, ItemField.ContentType, out contentType) is { } noType) return noType;
        if (fields[ItemField.Body] is not { } body) return new Defect("body", "is missing");
        var request = fields.Given(ItemField.Request);
        if (request is { } sent && Envelope.DepthDefect("request", sent) is { } tooDeep) return tooDeep;

        var exchange = new Exchange(method!, path!, request, (int)status, contentType, body.IsNull ? default : body.Utf8);
        return exchange.IsEventStream && !body.IsNull && status < 300 ? WithEvents(exchange, body) : exchange;
    }

    private static Defect? Text(ItemFields fields, ItemField field, out string? text)
    {
        text = fields[field]?.AsString();
        if (text is not null) return null;
        return new Defect(ItemFields.NameOf(field), fields[field] is { } other ? $"is {ItemFields.Describe(other)}, not a string" : "is missing");
    }

    private static Checked<Exchange> WithEvents(Exchange exchange, JsonText body)
    {
        if (body.Kind != JsonValueKind.String) return new Defect("body", $"is {ItemFields.Describe(body)}, not the text of an event stream");
        var text = new byte[body.Utf8.Length];
        try
        {
            var reader = new Utf8JsonReader(body.Utf8.Span);
            reader.Read();
            return exchange with { Body = text.AsMemory(0, reader.CopyString(text)) };
        }
        catch (InvalidOperationException)
        {
            return new Defect("body", "contains a lone surrogate, which the UTF-8 of an event stream cannot");
        }
    }
}
