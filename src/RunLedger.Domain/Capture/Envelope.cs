using System.Buffers;
using System.Text.Json;
using System.Text.Unicode;
using RunLedger.Domain.Json;
using RunLedger.Domain.Observations;

namespace RunLedger.Domain.Capture;

/// <summary>
/// A snapshot with what its observer knows of it: <c>{"observed_at", "source", "snapshot", "request", "correlation_id", "basis"}</c>. Only the
/// snapshot must be there; what nobody knows yet is passed over.
/// </summary>
internal static class Envelope
{
    private const int MaxSourceLength = 64;
    private const int MaxCorrelationIdLength = 512;

    /// <summary>The request kinds' names on the wire.</summary>
    public static readonly IReadOnlyList<(RequestKind Kind, string Name)> RequestKinds =
    [
        (RequestKind.Create, "create"), (RequestKind.SubmitToolOutputs, "submit_tool_outputs"), (RequestKind.Modify, "modify"),
    ];

    /// <summary>Whether an object is an envelope: it has a snapshot, and is no object of an API itself.</summary>
    public static bool Matches(ItemFields fields) => fields[ItemField.Object] is null && fields[ItemField.Snapshot] is not null;

    /// <summary>Whether an object that is no snapshot would be an envelope if it had one: it has what stands beside a snapshot, and is no object of an API.</summary>
    public static bool IsMeant(ItemFields fields, ReadOnlyMemory<byte> utf8) =>
        fields[ItemField.Object] is null
        && (fields[ItemField.ObservedAt] ?? fields[ItemField.Source] ?? fields[ItemField.Basis] ?? fields[ItemField.CorrelationId]
            ?? fields[ItemField.Request]) is not null
        && NamedRun.In(utf8) is null;

    /// <summary>The observation in an envelope, or its first defect.</summary>
    public static Checked<Observation> Read(ItemFields fields, CaptureOptions options)
    {
        var basis = ReadBasis(fields, out var isAssumed);
        var observedAt = ReadTime(fields, out var time);
        var source = ReadText(fields, ItemField.Source, MaxSourceLength, out var stated);
        var correlation = ReadText(fields, ItemField.CorrelationId, MaxCorrelationIdLength, out var correlationId);
        var request = ReadRequest(fields.Given(ItemField.Request), out var captured);
        if ((observedAt ?? basis ?? source ?? correlation ?? request) is { } defect) return defect;
        if (time is null && isAssumed is false) return new Defect("observed_at", "is missing, although basis is 'stated'");

        var snapshot = fields.Snapshot ?? Snapshot.Read(fields[ItemField.Snapshot]!.Value.Utf8, options.Recent);
        if (snapshot.Value is null) return Within("snapshot", snapshot.Defect!);
        return ObservationReader.Assume(snapshot.Value, options) with
        {
            ObservedAt = time ?? ObservationReader.AssumedTime(snapshot.Value, options),
            Basis = isAssumed is true || (time is null && !options.IsStated) ? TimeBasis.Assumed : TimeBasis.Stated,
            Source = stated ?? options.Source,
            Request = captured,
            CorrelationId = correlationId ?? options.CorrelationId,
        };
    }

    /// <summary>A defect of a part, as a defect of the whole.</summary>
    public static Defect Within(string field, Defect defect) =>
        defect with { Field = defect.Field.Length == 0 ? field : $"{field}.{defect.Field}" };

    /// <summary>What keeps a request's body from being recorded: a nesting deeper than is read.</summary>
    public static Defect? DepthDefect(string field, JsonText body)
    {
        try
        {
            var reader = new Utf8JsonReader(body.Utf8.Span, JsonText.ReaderOptions);
            while (reader.Read())
            {
            }
            return null;
        }
        catch (JsonException)
        {
            return new Defect(field, $"is nested deeper than {JsonText.MaxDepth} levels");
        }
    }

    private static Defect? ReadBasis(ItemFields fields, out bool? isAssumed)
    {
        isAssumed = null;
        if (fields.Given(ItemField.Basis) is not { } value) return null;
        isAssumed = value.AsString() switch { "assumed" => true, "stated" => false, _ => null };
        return isAssumed is null ? new Defect("basis", $"is {Shown(value)}, neither 'stated' nor 'assumed'") : null;
    }

    private static Defect? ReadTime(ItemFields fields, out DateTimeOffset? time)
    {
        time = null;
        if (fields.Given(ItemField.ObservedAt) is not { } value) return null;
        time = Rfc3339.Parse(value.AsString());
        return time is null ? new Defect("observed_at", $"is {Shown(value)}, not an RFC 3339 time such as '2026-08-26T12:00:00.123456Z'") : null;
    }

    private static Defect? ReadText(ItemFields fields, ItemField field, int maxLength, out string? text)
    {
        text = null;
        if (fields.Given(field) is not { } value) return null;
        var name = ItemFields.NameOf(field);
        text = value.AsString();
        if (text is null) return new Defect(name, $"is {ItemFields.Describe(value)}, not a string");
        if (text.Length > maxLength) return new Defect(name, $"is longer than {maxLength} characters");
        if (text.Contains('\0')) return new Defect(name, "contains U+0000");
        return Utf8.FromUtf16(text, new byte[text.Length * 3], out _, out _, replaceInvalidSequences: false) == OperationStatus.Done ? null
            : new Defect(name, "contains a lone surrogate");
    }

    private static Defect? ReadRequest(JsonText? request, out CapturedRequest? captured)
    {
        captured = null;
        if (request is null) return null;
        if (request.Value.Kind != JsonValueKind.Object) return new Defect("request", $"is {ItemFields.Describe(request.Value)}, not an object");
        var read = ItemFields.Read(request.Value.Utf8);
        if (read.Value is not { } fields) return Within("request", read.Defect!);

        var name = fields[ItemField.Kind]?.AsString();
        var kind = RequestKinds.FirstOrDefault(known => known.Name == name);
        if (kind.Name is null)
            return new Defect("request.kind", $"{(fields[ItemField.Kind] is { } other ? $"is {Shown(other)}" : "is missing")}: it is one of {Known()}");
        if (fields[ItemField.Body] is not { } body) return new Defect("request.body", "is missing");
        if (body.Kind != JsonValueKind.Object) return new Defect("request.body", $"is {ItemFields.Describe(body)}, not an object");
        captured = new CapturedRequest(kind.Kind, body);
        return DepthDefect("request.body", body);
    }

    private static string Known() => string.Join(", ", RequestKinds.Select(kind => $"'{kind.Name}'"));

    private static string Shown(JsonText value) =>
        value.AsString() is not { } text ? ItemFields.Describe(value) : text.Length <= 40 ? $"'{text}'" : $"'{text[..40]}…'";
}
