using System.Globalization;
using System.Text.RegularExpressions;

namespace RunLedger.Postgres.Embedded;

/// <summary>PostgreSQL's server programs (initdb, pg_ctl, postgres) as installed on this machine.</summary>
/// <param name="Directory">The directory that holds the programs.</param>
/// <param name="MajorVersion">The major version, for example 17.</param>
public sealed partial record PostgresBinaries(string Directory, int MajorVersion)
{
    /// <summary>Names a bin directory that is taken before all others.</summary>
    public const string EnvironmentVariable = "RUNLEDGER_POSTGRES_BIN";

    /// <summary>The oldest major version that is used.</summary>
    public const int OldestVersion = 14;

    private static readonly string[] Programs = ["initdb", "pg_ctl", "postgres"];

    private static readonly string[] InstallationDirectories =
    [
        "/usr/lib/postgresql/*/bin", // Debian, Ubuntu
        "/usr/pgsql-*/bin", // packages of the PostgreSQL project for RPM systems
        "/usr/bin", // RPM systems' own, Arch
        "/usr/lib/postgresql*/bin", // SUSE
        "/usr/libexec/postgresql*", // Alpine
        "/opt/homebrew/opt/postgresql*/bin",
        "/usr/local/opt/postgresql*/bin",
        "/home/linuxbrew/.linuxbrew/opt/postgresql*/bin",
        "/Applications/Postgres.app/Contents/Versions/*/bin",
    ];

    internal string InitDb => Path.Combine(Directory, "initdb");

    internal string PgCtl => Path.Combine(Directory, "pg_ctl");

    internal string Postgres => Path.Combine(Directory, "postgres");

    /// <summary>
    /// The first usable binaries of <see cref="EnvironmentVariable"/>, PATH, and the places where Debian, RPM systems, SUSE, Alpine,
    /// Homebrew and Postgres.app put them (newest version first).
    /// </summary>
    /// <param name="majorVersion">Only this version; null takes any from <see cref="OldestVersion"/> on.</param>
    /// <param name="directories">Looks in these directories instead.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    /// <exception cref="PostgresNotFoundException">There are none.</exception>
    public static async Task<PostgresBinaries> FindAsync(
        int? majorVersion = null, IReadOnlyList<string>? directories = null, CancellationToken cancellationToken = default)
    {
        var searched = directories ?? KnownDirectories();
        foreach (var directory in searched.SelectMany(Expand).Where(HoldsPrograms).Select(RealDirectory).Distinct())
        {
            var version = await ReadVersionAsync(directory, cancellationToken);
            if (majorVersion is { } wanted ? version == wanted : version >= OldestVersion)
                return new PostgresBinaries(directory, version);
        }

        throw new PostgresNotFoundException(
            majorVersion is { } only ? $"PostgreSQL {only}" : $"PostgreSQL {OldestVersion} or newer", searched);
    }

    private static List<string> KnownDirectories()
    {
        List<string> known = [.. ExecutablePath.SearchDirectories(), .. InstallationDirectories];
        if (Environment.GetEnvironmentVariable(EnvironmentVariable) is { Length: > 0 } named)
        {
            // One who names a directory wants to hear that it is the wrong one.
            if (!HoldsPrograms(named))
                throw new PostgresNotFoundException($"PostgreSQL's server programs, as named by {EnvironmentVariable},", [named]);
            known.Insert(0, named);
        }

        return [.. known.Distinct()];
    }

    // A place may have one directory for each version; the newest comes first.
    private static IEnumerable<string> Expand(string place)
    {
        if (place.Split('*') is not [var before, var after])
            return [place];

        var parent = Path.GetDirectoryName(before)!;
        return System.IO.Directory.Exists(parent)
            ? System.IO.Directory.EnumerateDirectories(parent, Path.GetFileName(before) + "*")
                .OrderByDescending(path => NumberAtEnd().Match(path) is { Success: true } number
                    ? double.Parse(number.Value, CultureInfo.InvariantCulture)
                    : 0)
                .Select(path => path + after)
            : [];
    }

    private static bool HoldsPrograms(string directory) =>
        Programs.All(program => File.Exists(Path.Combine(directory, program)));

    // PATH often holds links to the programs; the other programs of the installation stand beside their target.
    private static string RealDirectory(string directory)
    {
        var postgres = Path.Combine(directory, "postgres");
        var target = Path.GetDirectoryName(File.ResolveLinkTarget(postgres, returnFinalTarget: true)?.FullName);
        return target is not null && HoldsPrograms(target) ? target : directory;
    }

    private static async Task<int> ReadVersionAsync(string directory, CancellationToken cancellationToken)
    {
        var answer = await Command.RunAsync([Path.Combine(directory, "postgres"), "--version"], cancellationToken: cancellationToken);
        return VersionNumber().Match(answer.Output) is { Success: true } version
            ? int.Parse(version.Groups[1].Value, CultureInfo.InvariantCulture)
            : 0;
    }

    [GeneratedRegex(@"\(PostgreSQL\) (\d+)")]
    private static partial Regex VersionNumber();

    [GeneratedRegex(@"\d+(\.\d+)?$")]
    private static partial Regex NumberAtEnd();
}
