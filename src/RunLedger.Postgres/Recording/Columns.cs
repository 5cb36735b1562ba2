using Npgsql;
using NpgsqlTypes;

namespace RunLedger.Postgres.Recording;

/// <summary>Makes array parameters: one column of many rows each, to be unnested by the statement.</summary>
internal static class Columns
{
    public static NpgsqlParameter Text<T>(IReadOnlyList<T> rows, Func<T, string?> column) => Array(rows, column, NpgsqlDbType.Text);

    public static NpgsqlParameter Bytes<T>(IReadOnlyList<T> rows, Func<T, byte[]> column) => Array(rows, column, NpgsqlDbType.Bytea);

    public static NpgsqlParameter Json(byte[]?[] column) =>
        new NpgsqlParameter<byte[]?[]> { TypedValue = column, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Jsonb };

    public static NpgsqlParameter Time<T>(IReadOnlyList<T> rows, Func<T, DateTimeOffset?> column) => Array(rows, column, NpgsqlDbType.TimestampTz);

    public static NpgsqlParameter Of<T, TColumn>(IReadOnlyList<T> rows, Func<T, TColumn> column) =>
        new NpgsqlParameter<TColumn[]> { TypedValue = Values(rows, column) };

    private static NpgsqlParameter<TColumn[]> Array<T, TColumn>(IReadOnlyList<T> rows, Func<T, TColumn> column, NpgsqlDbType element) =>
        new() { TypedValue = Values(rows, column), NpgsqlDbType = NpgsqlDbType.Array | element };

    private static TColumn[] Values<T, TColumn>(IReadOnlyList<T> rows, Func<T, TColumn> column)
    {
        var values = new TColumn[rows.Count];
        for (var i = 0; i < values.Length; i++) values[i] = column(rows[i]);
        return values;
    }
}
