using System.Text;
using System.Text.Json;
using RunLedger.Domain.Json;

namespace RunLedger.Domain.Observations;

/// <summary>
/// What a JSON object must have to be a snapshot of a run, and what cannot be true of one. Only what the ledger's own keys, times and
/// sums rest on is checked; all else is recorded as it comes, so that tomorrow's API is not refused.
/// </summary>
internal static class SnapshotRules
{
    // In UTF-8: all keys of a row of an index, beside the dimensions of usage, fit the 2,704 bytes that PostgreSQL allows it.
    private const int MaxKeyBytes = 512;
    private const long MaxTokens = 1_000_000_000_000;

    private static readonly (string Path, byte[] Name)[] TokenCounts =
    [
        .. new[] { "prompt_tokens", "completion_tokens", "input_tokens", "output_tokens", "total_tokens" }
            .Select(name => ($"usage.{name}", Encoding.UTF8.GetBytes(name))),
    ];

    /// <summary>The parts of token counts, by all the names that they have in usages.</summary>
    internal static readonly (string Path, byte[] Details, byte[] Name)[] TokenDetails =
    [
        .. new (string Details, string Name)[]
        {
            ("prompt_token_details", "cached_tokens"), ("prompt_tokens_details", "cached_tokens"), ("input_tokens_details", "cached_tokens"),
            ("completion_tokens_details", "reasoning_tokens"), ("output_tokens_details", "reasoning_tokens"),
        }.Select(path => ($"usage.{path.Details}.{path.Name}", Encoding.UTF8.GetBytes(path.Details), Encoding.UTF8.GetBytes(path.Name))),
    ];

    /// <summary>The first defect of a snapshot; null if there is none.</summary>
    /// <param name="json">Its text.</param>
    /// <param name="shape">Which fields it has.</param>
    /// <param name="places">Where they stand in the text.</param>
    public static Defect? Check(JsonText json, SnapshotShape shape, FieldPlace[] places)
    {
        JsonText? Field(string name) =>
            shape.IndexOf(name) is >= 0 and var index && places[shape.PlaceOf(index)] is var place ? new JsonText(json.Utf8[place.Start..place.End]) : null;

        return Object(Field("object"))
            ?? Key("id", Field("id"), required: true)
            ?? Key("thread_id", Field("thread_id"), required: Field("object")!.Value.AsString() == "thread.run")
            ?? Key("status", Field("status"), required: true)
            ?? Key("assistant_id", Field("assistant_id"), required: false)
            ?? Key("model", Field("model"), required: false)
            ?? Conversation(RunKinds.Parse(Field("object")!.Value.AsString())!.Value, Field("conversation"))
            ?? (Field("created_at") is null ? new Defect("created_at", "is missing") : null)
            ?? Timestamp("created_at", Field("created_at"), required: true)
            ?? Timestamp("started_at", Field("started_at"), required: false)
            ?? Timestamp("expires_at", Field("expires_at"), required: false)
            ?? Timestamp("cancelled_at", Field("cancelled_at"), required: false)
            ?? Timestamp("failed_at", Field("failed_at"), required: false)
            ?? Timestamp("completed_at", Field("completed_at"), required: false)
            ?? Shape("metadata", Field("metadata"), JsonValueKind.Object)
            ?? Shape("tools", Field("tools"), JsonValueKind.Array)
            ?? Shape("output", Field("output"), JsonValueKind.Array)
            ?? Shape("required_action", Field("required_action"), JsonValueKind.Object)
            ?? Shape("last_error", Field("last_error"), JsonValueKind.Object)
            ?? Shape("incomplete_details", Field("incomplete_details"), JsonValueKind.Object)
            ?? Usage(Field("usage"));
    }

    /// <summary>Whether a field may have another value than a snapshot without defects had there, so that this one has none either.</summary>
    public static bool Allow(string name, JsonText value, RunKind kind) => name switch
    {
        "object" => false,
        "id" or "status" => Key(name, value, required: true) is null,
        "thread_id" => Key(name, value, required: kind == RunKind.ThreadRun) is null,
        "assistant_id" or "model" => Key(name, value, required: false) is null,
        "conversation" => Conversation(kind, value) is null,
        "created_at" => Timestamp(name, value, required: true) is null,
        "started_at" or "expires_at" or "cancelled_at" or "failed_at" or "completed_at" => Timestamp(name, value, required: false) is null,
        "tools" or "output" => Shape(name, value, JsonValueKind.Array) is null,
        "metadata" or "required_action" or "last_error" or "incomplete_details" => Shape(name, value, JsonValueKind.Object) is null,
        "usage" => Usage(value) is null,
        _ => true,
    };

    private static Defect? Object(JsonText? value) => value is null
        ? new Defect("object", "is missing: a snapshot says 'thread.run' or 'response' there")
        : RunKinds.Parse(value.Value.AsString()) is null
            ? new Defect("object", $"is {Shown(value.Value)}, neither 'thread.run' nor 'response'")
            : null;

    private static Defect? Key(string name, JsonText? value, bool required)
    {
        if (value is null) return required ? new Defect(name, "is missing") : null;
        if (value.Value.IsNull) return required ? new Defect(name, "is null") : null;
        return value.Value.AsString() switch
        {
            null => new Defect(name, $"is {Shown(value.Value)}, not a string"),
            "" => required ? new Defect(name, "is empty") : null,
            var text when IsTooLong(text) => TooLong(name),
            var text when text.Contains('\0') => new Defect(name, "contains U+0000"),
            var text when Surrogates.HasLone(text) => new Defect(name, "contains a lone surrogate"),
            _ => null,
        };
    }

    // Of a response it is what the thread is of a run, under its id or as an object with one; whatever else stands there is none.
    private static Defect? Conversation(RunKind kind, JsonText? value)
    {
        if (kind != RunKind.Response || value is null) return null;
        if (value.Value.AsString() is { } id) return IsTooLong(id) ? TooLong("conversation") : null;
        return value.Value.Property("id"u8)?.AsString() is { } inner && IsTooLong(inner) ? TooLong("conversation.id") : null;
    }

    private static bool IsTooLong(string key) => key.Length > MaxKeyBytes / 3 && Encoding.UTF8.GetByteCount(key) > MaxKeyBytes;

    private static Defect TooLong(string name) => new(name, $"is longer than {MaxKeyBytes} bytes");

    private static Defect? Timestamp(string name, JsonText? value, bool required)
    {
        if (value is null) return null;
        if (value.Value.IsNull) return required ? new Defect(name, "is null") : null;
        if (value.Value.Kind != JsonValueKind.Number) return new Defect(name, $"is {Shown(value.Value)}, not a number of seconds since the epoch");
        return value.Value.AsInt64() switch
        {
            >= 0 and <= Times.MaxUnixSeconds => null,
            > Times.MaxUnixSeconds and <= Times.MaxUnixSeconds * 1000 => new Defect(name, $"is {value}, which would be after the year 9999: milliseconds instead of seconds?"),
            _ => new Defect(name, $"is {Shown(value.Value)}, not a time between 1970 and 9999 in seconds since the epoch"),
        };
    }

    private static Defect? Shape(string name, JsonText? value, JsonValueKind kind) =>
        value is null || value.Value.IsNull || value.Value.Kind == kind ? null
        : new Defect(name, $"is {Shown(value.Value)}, not {(kind == JsonValueKind.Array ? "an array" : "an object")}");

    private static Defect? Usage(JsonText? usage)
    {
        if (Shape("usage", usage, JsonValueKind.Object) is { } defect) return defect;
        if (usage is null) return null;
        foreach (var (path, name) in TokenCounts)
            if (Tokens(path, usage.Value.Property(name)) is { } miscounted) return miscounted;
        foreach (var (path, details, name) in TokenDetails)
            if (Tokens(path, usage.Value.Property(details)?.Property(name)) is { } miscounted) return miscounted;
        return null;
    }

    private static Defect? Tokens(string path, JsonText? value)
    {
        if (value is null || value.Value.IsNull) return null;
        if (value.Value.Kind != JsonValueKind.Number) return new Defect(path, $"is {Shown(value.Value)}, not a number of tokens");
        return value.Value.AsInt64() switch
        {
            null or > MaxTokens => new Defect(path, $"is {Shown(value.Value)}, more tokens than any run can use"),
            < 0 => new Defect(path, $"is {Shown(value.Value)}: a number of tokens cannot be negative"),
            _ when !value.Value.IsWhole() => new Defect(path, $"is {Shown(value.Value)}: a number of tokens is whole"),
            _ => null,
        };
    }

    private static string Shown(JsonText value)
    {
        var text = value.ToString();
        if (text.Length <= 60) return text;
        return string.Concat(text.AsSpan(0, char.IsHighSurrogate(text[59]) ? 59 : 60), "…");
    }
}
