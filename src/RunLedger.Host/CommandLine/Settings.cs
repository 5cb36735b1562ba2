using System.CommandLine;
using System.Text.Json;
using Npgsql;
using RunLedger.Domain.Observations;

namespace RunLedger.Host.CommandLine;

/// <summary>
/// The settings of one invocation: flags before environment variables (<c>RUNLEDGER_…</c>), these before <c>appsettings.json</c> in the working
/// directory, this before the one beside the program.
/// </summary>
internal sealed class Settings
{
    private const string FileName = "appsettings.json";

    private Settings(IConfigurationRoot configuration) => Configuration = configuration;

    /// <summary>All settings, for the parts of the host that read sections of their own.</summary>
    public IConfigurationRoot Configuration { get; }

    /// <summary>The connection string; null where the embedded PostgreSQL is to be used.</summary>
    public string? Connection => Text("Connection");

    /// <summary>The data directory of the embedded PostgreSQL.</summary>
    public string DataDirectory => Path.GetFullPath(Text("Data") ?? ".runledger");

    /// <summary>The tenant.</summary>
    public TenantId Tenant => Text("Tenant") is { } name ? new TenantId(name) : TenantId.Default;

    /// <summary>The name of the engine that is to record; null where that is left to the command.</summary>
    public string? Engine => Text("Engine");

    /// <summary>The addresses to listen on, with semicolons between.</summary>
    public string Urls => Text("Urls") ?? WebHost.DefaultUrls;

    /// <summary>Reads the settings of an invocation.</summary>
    /// <param name="parsed">The flags.</param>
    /// <param name="more">Settings that a command's own flags stand for; they win, and an empty one takes away what the environment says.</param>
    /// <exception cref="WrongUsageException">Two databases are named, or a settings file or the connection string cannot be read.</exception>
    public static Settings Of(ParseResult parsed, params IReadOnlyList<KeyValuePair<string, string?>> more)
    {
        var (connection, data) = (parsed.GetValue(CommonOptions.Connection), parsed.GetValue(CommonOptions.Data));
        if (connection is { Length: > 0 } && data is { Length: > 0 }) throw new WrongUsageException("Give --connection or --data, not both.");
        var flags = new Dictionary<string, string?>
        {
            // --data names a database too: not the one that the environment or a file names.
            ["Connection"] = data is { Length: > 0 } ? "" : connection,
            ["Data"] = data,
            ["Tenant"] = parsed.GetValue(CommonOptions.Tenant),
            ["Engine"] = parsed.GetValue(CommonOptions.Engine),
        };
        foreach (var (key, value) in more) flags[key] = value;
        try
        {
            var settings = new Settings(new ConfigurationBuilder()
                .AddJsonFile(Path.Combine(AppContext.BaseDirectory, FileName), optional: true)
                .AddJsonFile(Path.GetFullPath(FileName), optional: true)
                .AddEnvironmentVariables("RUNLEDGER_")
                .AddInMemoryCollection(flags.Where(flag => flag.Value is not null))
                .Build());
            if (settings.Connection is { } named) _ = new NpgsqlConnectionStringBuilder(named);
            return settings;
        }
        catch (InvalidDataException unreadable)
        {
            throw new WrongUsageException($"{unreadable.Message} {WhatIsWrong(unreadable)}".TrimEnd());
        }
        catch (ArgumentException unreadable)
        {
            throw new WrongUsageException($"The connection string cannot be read: {unreadable.Message}");
        }
    }

    private static string? WhatIsWrong(InvalidDataException unreadable) =>
        unreadable.GetBaseException() is JsonException { LineNumber: { } line, BytePositionInLine: { } at }
            ? $"It is not valid JSON at line {line + 1}, byte {at + 1}."
            : unreadable.InnerException?.Message;

    private string? Text(string key) => Configuration[key] is { Length: > 0 } text ? text : null;
}
