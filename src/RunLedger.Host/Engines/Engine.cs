using Npgsql;
using RunLedger.Host.CommandLine;
using RunLedger.Postgres.Recording;

namespace RunLedger.Host.Engines;

/// <summary>
/// The engines by their names. A build with Marten (<c>-p:CritterStack=true</c>) has both, and hosts record with Marten's unless they are told
/// otherwise; commands that run once record with the Npgsql engine, which starts sooner and takes in bulk faster.
/// </summary>
internal static class Engine
{
    /// <summary>The engine that every build has.</summary>
    public const string Npgsql = "npgsql";

    /// <summary>The engine that only a build with Marten has.</summary>
    public const string Marten = "marten";

    /// <summary>What hosts record with unless they are told otherwise.</summary>
    public static string OfHosts => MartenBuild.Engine is null ? Npgsql : Marten;

    /// <summary>What makes an engine.</summary>
    /// <param name="name">Its name.</param>
    /// <exception cref="WrongUsageException">There is no such engine, or not in this build.</exception>
    public static Func<NpgsqlDataSource, IEngine> Of(string name) => name switch
    {
        Npgsql => static dataSource => new NpgsqlEventStore(dataSource),
        Marten => MartenBuild.Engine ?? throw new WrongUsageException(
            "This build has no Marten engine: build it with -p:CritterStack=true where the package feed has Marten, or use --engine npgsql."),
        _ => throw new WrongUsageException($"There is no engine '{name}': it is {Npgsql} or {Marten}."),
    };
}
