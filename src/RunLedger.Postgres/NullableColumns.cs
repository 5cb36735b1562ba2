using Npgsql;

namespace RunLedger.Postgres;

/// <summary>Reads columns of reference types that may be null, which <see cref="NpgsqlDataReader.GetFieldValue{T}"/> refuses.</summary>
internal static class NullableColumns
{
    /// <summary>The text, or null.</summary>
    public static string? GetText(this NpgsqlDataReader row, int ordinal) => row.IsDBNull(ordinal) ? null : row.GetString(ordinal);
}
