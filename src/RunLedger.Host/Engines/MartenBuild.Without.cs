using Npgsql;
using RunLedger.Postgres.Recording;

namespace RunLedger.Host.Engines;

/// <summary>What a build with Marten has more, in a build without: nothing.</summary>
internal static class MartenBuild
{
    /// <summary>Makes the Marten engine; null, since this build has none.</summary>
    public static Func<NpgsqlDataSource, IEngine>? Engine => null;
}
