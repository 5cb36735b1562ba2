using System.CommandLine;

namespace RunLedger.Host.CommandLine;

/// <summary>The options that every command takes, and <c>--json</c>, which every reading command takes.</summary>
internal static class CommonOptions
{
    /// <summary>The database.</summary>
    public static readonly Option<string?> Connection = new("--connection")
    {
        Description = "The database, as an Npgsql connection string. [environment: RUNLEDGER_CONNECTION]",
        HelpName = "STRING",
        Recursive = true,
    };

    /// <summary>The data directory of the embedded PostgreSQL.</summary>
    public static readonly Option<string?> Data = new("--data")
    {
        Description = "Where the embedded PostgreSQL keeps its data, which is used instead of a connection. [environment: RUNLEDGER_DATA] [default: .runledger]",
        HelpName = "DIR",
        Recursive = true,
    };

    /// <summary>The tenant.</summary>
    public static readonly Option<string?> Tenant = new("--tenant")
    {
        Description = "The tenant to work on. [environment: RUNLEDGER_TENANT] [default: *DEFAULT*]",
        HelpName = "NAME",
        Recursive = true,
    };

    /// <summary>The engine that records.</summary>
    public static readonly Option<string?> Engine = new("--engine")
    {
        Description = "What records: npgsql, or marten in builds that have it. [environment: RUNLEDGER_ENGINE] [default: marten for serve and demo where the build has it, else npgsql]",
        HelpName = "NAME",
        Recursive = true,
    };

    /// <summary>More to read about what is done and what went wrong.</summary>
    public static readonly Option<bool> Verbose = new("--verbose")
    {
        Description = "Say on stderr what is done, and show the stack of a problem.",
        Recursive = true,
    };

    /// <summary>The answer as JSON.</summary>
    public static readonly Option<bool> Json = new("--json") { Description = "Answer with JSON." };

    /// <summary>Those that every command takes.</summary>
    public static IReadOnlyList<Option> All { get; } = [Connection, Data, Tenant, Engine, Verbose];
}
