using System.Net;
using Npgsql;

namespace RunLedger.Postgres.Replay;

/// <summary>What a rebuild takes of disk, and what there is.</summary>
/// <param name="Bytes">What it takes beside the live views until the switch, about; WAL is not in it.</param>
/// <param name="Free">What is free where the server keeps its tables; null where that cannot be known from here.</param>
/// <param name="Directory">Where that is; null where it cannot be known.</param>
public sealed record DiskNeed(long Bytes, long? Free, string? Directory)
{
    /// <summary>Whether there is less than it takes, as far as one can know.</summary>
    public bool IsShort => Free < Bytes;

    internal static async Task<DiskNeed> OfAsync(NpgsqlDataSource dataSource, RebuildTarget target, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        var (runs, usage) = await connection.AskAsync("Replay/size_of_views.sql", [], row => (row.GetInt64(0), row.GetInt64(1)), cancellationToken);
        var bytes = (target.Runs ? Math.Max(runs, 0) : 0) + (target.Usage ? Math.Max(usage, 0) : 0);
        var (place, address) = await connection.AskAsync(
            "Replay/place_of_views.sql", [], row => (row.GetText(0), row.IsDBNull(1) ? null : row.GetFieldValue<IPAddress>(1)), cancellationToken);
        return place is not null && IsHere(connection.Host, address) && Path.Exists(place) && FreeOf(place) is { } free
            ? new DiskNeed(bytes, free, place)
            : new DiskNeed(bytes, null, null);
    }

    // Both ends have to say so: a socket, or loopback on either side. A container's server, spoken to through a port of this machine, has another address.
    private static bool IsHere(string? host, IPAddress? address) => address is null
        ? host is not null && Path.IsPathRooted(host)
        : IPAddress.IsLoopback(address) && (host == "localhost" || (IPAddress.TryParse(host, out var named) && IPAddress.IsLoopback(named)));

    private static long? FreeOf(string directory)
    {
        try
        {
            return new DriveInfo(directory).AvailableFreeSpace;
        }
        catch (Exception unknown) when (unknown is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
