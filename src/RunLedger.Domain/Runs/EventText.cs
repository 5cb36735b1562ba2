using System.Globalization;
using System.Text;
using System.Text.Json;
using RunLedger.Domain.Json;

namespace RunLedger.Domain.Runs;

/// <summary>
/// How values are written into an event's JSON so that <c>jsonb</c> keeps them exactly. Most stand as they are. What <c>jsonb</c> refuses or
/// would change becomes <c>{"$json": "…"}</c>, a string of JSON; large content becomes <c>{"$content": "…", "bytes": n}</c>; and since
/// <c>$</c> marks these, an object with a name that begins so is written as a string of JSON too.
/// </summary>
internal static class EventText
{
    /// <summary>Writes a field's value.</summary>
    public static void WriteValue(Utf8JsonWriter writer, FieldValue value)
    {
        switch (value)
        {
            case FieldValue.Large { Reference: var reference }:
                writer.WriteStartObject();
                writer.WriteString("$content"u8, reference.Sha256.ToString());
                writer.WriteNumber("bytes"u8, reference.Bytes);
                writer.WriteEndObject();
                break;
            case FieldValue.Inline { Storable: true, Json: var json } when !MentionsMark(json):
                writer.WriteRawValue(json.Utf8.Span, skipInputValidation: true);
                break;
            case FieldValue.Inline { Json: var json }:
                WriteAsString(writer, json.Utf8.Span);
                break;
        }
    }

    /// <summary>Reads what <see cref="WriteValue"/> wrote; the text is copied.</summary>
    public static FieldValue ReadValue(JsonText written)
    {
        if (written.Kind == JsonValueKind.Object)
        {
            if (written.Property("$json"u8) is { } text)
                return new FieldValue.Inline(new JsonText(Encoding.UTF8.GetBytes(Text(text, "$json"))), storable: false);
            if (written.Property("$content"u8) is { } sha256)
            {
                var bytes = written.Property("bytes"u8)?.AsInt64() ?? throw Missing("bytes");
                return new FieldValue.Large(new ContentReference(Digest.Parse(sha256.AsString()), (int)bytes), null);
            }
        }
        return new FieldValue.Inline(new JsonText(written.Utf8.ToArray()), storable: true);
    }

    /// <summary>Writes a string that may hold U+0000 or lone surrogates.</summary>
    public static void WriteString(Utf8JsonWriter writer, ReadOnlySpan<byte> name, string? value)
    {
        writer.WritePropertyName(name);
        if (value is null) writer.WriteNullValue();
        else if (IsStorable(value)) writer.WriteStringValue(value);
        else WriteAsString(writer, QuotedName(value));
    }

    /// <summary>Reads what <see cref="WriteString"/> wrote.</summary>
    public static string? ReadString(JsonText? written) =>
        written is null ? null
        : written.Value.Property("$json"u8) is { } text ? new JsonText(Encoding.UTF8.GetBytes(Text(text, "$json"))).AsString()
        : written.Value.AsString();

    /// <summary>A string that an event must have.</summary>
    /// <exception cref="InvalidDataException">It is not there, or is no string; the message names the property.</exception>
    public static string Text(JsonText? written, string property) => written?.AsString() ?? throw Missing(property);

    /// <summary>A string that an event must have, which <see cref="WriteString"/> wrote.</summary>
    /// <inheritdoc cref="Text"/>
    public static string WrittenText(JsonText? written, string property) => ReadString(written) ?? throw Missing(property);

    /// <summary>A field's name as a property name in an event: itself, or <c>$</c> and its JSON escapes where <c>jsonb</c> could not hold it.</summary>
    public static string KeyOf(string name) =>
        IsStorable(name) && !name.StartsWith('$') ? name : string.Concat("$", Encoding.UTF8.GetString(QuotedName(name).AsSpan()[1..^1]));

    /// <summary>The field's name that <see cref="KeyOf"/> wrote.</summary>
    public static string NameOf(string key) => key.StartsWith('$') ? JsonText.Unescape(Encoding.UTF8.GetBytes(key[1..])) : key;

    /// <summary>A string as a JSON string, quotes included; lone surrogates as escapes.</summary>
    public static byte[] QuotedName(string name)
    {
        var canonical = new CanonicalJson();
        canonical.WriteName(name);
        return canonical.Written[..^1].ToArray();
    }

    /// <summary>Writes a time as RFC 3339 with microseconds.</summary>
    public static void WriteTime(Utf8JsonWriter writer, ReadOnlySpan<byte> name, DateTimeOffset time)
    {
        // The round-trip format, which is written much faster than others, has a seventh digit before its Z.
        Span<byte> text = stackalloc byte[28];
        time.UtcDateTime.TryFormat(text, out _, "O", CultureInfo.InvariantCulture);
        text[^2] = (byte)'Z';
        writer.WriteString(name, text[..^1]);
    }

    /// <summary>Reads what <see cref="WriteTime"/> wrote.</summary>
    public static DateTimeOffset ReadTime(JsonText written) => ReadUsualTime(written.Utf8.Span)
        ?? DateTimeOffset.Parse(Text(written, "time"), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal);

    // "2026-08-26T12:00:00.000000Z" in quotes, as it is written: there are two in every event.
    private static DateTimeOffset? ReadUsualTime(ReadOnlySpan<byte> quoted)
    {
        if (quoted.Length != 29 || quoted[^2] != (byte)'Z' || quoted[20] != (byte)'.') return null;
        return Number(quoted[1..5]) is { } year && Number(quoted[6..8]) is { } month && Number(quoted[9..11]) is { } day
                && Number(quoted[12..14]) is { } hour && Number(quoted[15..17]) is { } minute && Number(quoted[18..20]) is { } whole && Number(quoted[21..27]) is { } part
                && year > 0 && month is > 0 and < 13 && day > 0 && day <= DateTime.DaysInMonth(year, month) && hour < 24 && minute < 60 && whole < 60
            ? new DateTimeOffset(year, month, day, hour, minute, whole, TimeSpan.Zero).AddTicks(part * TimeSpan.TicksPerMicrosecond)
            : null;
    }

    private static int? Number(ReadOnlySpan<byte> digits)
    {
        var number = 0;
        foreach (var digit in digits)
        {
            if (digit is < (byte)'0' or > (byte)'9') return null;
            number = (number * 10) + (digit - '0');
        }
        return number;
    }

    private static InvalidDataException Missing(string property) => new($"A stored event has no {property} where one must be.");

    private static void WriteAsString(Utf8JsonWriter writer, ReadOnlySpan<byte> json)
    {
        writer.WriteStartObject();
        writer.WriteString("$json"u8, json);
        writer.WriteEndObject();
    }

    private static bool MentionsMark(JsonText json) =>
        json.Kind == JsonValueKind.Object && (json.Utf8.Span.IndexOf("\"$"u8) >= 0 || json.Utf8.Span.IndexOf("\\u0024"u8) >= 0);

    private static bool IsStorable(string text) =>
        !text.AsSpan().ContainsAnyExceptInRange('\u0001', '\uD7FF') || (!text.Contains('\0') && !Surrogates.HasLone(text));
}
