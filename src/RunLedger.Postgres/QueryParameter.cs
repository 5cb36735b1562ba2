using System.Text;
using System.Text.Json;
using Npgsql;
using NpgsqlTypes;

namespace RunLedger.Postgres;

/// <summary>Makes the parameters of queries from what users ask for, which may be what no column can hold.</summary>
internal static class QueryParameter
{
    /// <summary>A text as <see cref="Holdable"/> makes it; null does not filter.</summary>
    public static NpgsqlParameter Text(string? value) =>
        new() { Value = value is null ? DBNull.Value : Holdable(value), NpgsqlDbType = NpgsqlDbType.Text };

    /// <summary>A time, given in any time zone; null does not filter.</summary>
    public static NpgsqlParameter Time(DateTimeOffset? value) =>
        new() { Value = value is null ? DBNull.Value : value.Value.ToUniversalTime(), NpgsqlDbType = NpgsqlDbType.TimestampTz };

    /// <summary>The metadata that a run must have, as a JSON object; none does not filter.</summary>
    public static NpgsqlParameter Metadata(IReadOnlyDictionary<string, string> values) => new()
    {
        Value = values.Count == 0 ? DBNull.Value : JsonSerializer.Serialize(values.ToDictionary(pair => Holdable(pair.Key), pair => Holdable(pair.Value))),
        NpgsqlDbType = NpgsqlDbType.Jsonb,
    };

    /// <summary>The text with U+FFFD for U+0000 and for lone surrogates, which PostgreSQL refuses; views hold it so too.</summary>
    public static string Holdable(string text) => text.AsSpan().IndexOf('\0') < 0 && text.AsSpan().IndexOfAnyInRange('\ud800', '\udfff') < 0
        ? text
        : Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text.Replace('\0', '\uFFFD')));
}
