using System.Buffers;
using System.Text;
using System.Text.Json;
using Npgsql;
using NpgsqlTypes;

namespace RunLedger.Postgres;

/// <summary>Makes the parameters of queries from what users ask for, which may be what no column can hold.</summary>
internal static class QueryParameter
{
    private static readonly SearchValues<char> OfNumbers = SearchValues.Create("-.0123456789");

    /// <summary>A text as <see cref="Holdable"/> makes it; null does not filter.</summary>
    public static NpgsqlParameter Text(string? value) =>
        new() { Value = value is null ? DBNull.Value : Holdable(value), NpgsqlDbType = NpgsqlDbType.Text };

    /// <summary>Texts as <see cref="Holdable"/> makes them, any of which will do; null does not filter.</summary>
    public static NpgsqlParameter Texts(IEnumerable<string>? values) =>
        new() { Value = values is null ? DBNull.Value : values.Select(Holdable).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text };

    /// <summary>A time, given in any time zone; null does not filter.</summary>
    public static NpgsqlParameter Time(DateTimeOffset? value) =>
        new() { Value = value is null ? DBNull.Value : value.Value.ToUniversalTime(), NpgsqlDbType = NpgsqlDbType.TimestampTz };

    /// <summary>
    /// The metadata that a run must have: as a JSON object those values that only a string has, which an index on metadata finds; and as keys and texts those that
    /// may be the text of something else too. None does not filter.
    /// </summary>
    public static IEnumerable<NpgsqlParameter> Metadata(IReadOnlyDictionary<string, string> values)
    {
        var holdable = values.Select(pair => KeyValuePair.Create(Holdable(pair.Key), Holdable(pair.Value))).ToList();
        var strings = holdable.Where(pair => !MayBeNoString(pair.Value)).ToDictionary();
        var others = holdable.Where(pair => MayBeNoString(pair.Value)).ToList();
        yield return new() { Value = strings.Count == 0 ? DBNull.Value : JsonSerializer.Serialize(strings), NpgsqlDbType = NpgsqlDbType.Jsonb };
        yield return new NpgsqlParameter<string[]> { TypedValue = [.. others.Select(pair => pair.Key)] };
        yield return new NpgsqlParameter<string[]> { TypedValue = [.. others.Select(pair => pair.Value)] };
    }

    // A number's text as PostgreSQL writes it has no exponent. The empty text is of runs without the key, too.
    private static bool MayBeNoString(string text) => text is "" or "true" or "false" || text.AsSpan().IndexOfAnyExcept(OfNumbers) < 0;

    /// <summary>The text with U+FFFD for U+0000 and for lone surrogates, which PostgreSQL refuses; views hold it so too.</summary>
    public static string Holdable(string text) => text.AsSpan().IndexOf('\0') < 0 && text.AsSpan().IndexOfAnyInRange('\ud800', '\udfff') < 0
        ? text
        : Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text.Replace('\0', '\uFFFD')));
}
