using Npgsql;
using RunLedger.Marten;
using RunLedger.Postgres.Recording;

namespace RunLedger.Host.Engines;

/// <summary>What a build with Marten has more: this file is compiled with <c>-p:CritterStack=true</c>, the other one without.</summary>
internal static class MartenBuild
{
    /// <summary>Makes the Marten engine.</summary>
    public static Func<NpgsqlDataSource, IEngine>? Engine { get; } = static dataSource => new MartenEventStore(dataSource);
}
