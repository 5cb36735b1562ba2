using Npgsql;

namespace RunLedger.Bench;

/// <summary>What the measures of the bench share.</summary>
internal static class Measuring
{
    /// <summary>Has the server write out all that it holds, so that what is measured next pays for itself alone.</summary>
    public static async Task CheckpointAsync(NpgsqlDataSource dataSource)
    {
        await using var command = dataSource.CreateCommand("checkpoint");
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>The median of some times.</summary>
    public static double Median(IEnumerable<double> times)
    {
        var sorted = times.Order().ToList();
        return sorted[sorted.Count / 2];
    }

    /// <summary>The number that a query gives.</summary>
    public static async Task<long> NumberAsync(NpgsqlDataSource dataSource, string sql)
    {
        await using var command = dataSource.CreateCommand(sql);
        return Convert.ToInt64(await command.ExecuteScalarAsync(), System.Globalization.CultureInfo.InvariantCulture);
    }
}
