using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace RunLedger.Postgres.Embedded;

/// <summary>The settings that the server runs with, as text of a configuration file.</summary>
internal static partial class ServerSettings
{
    public const string FileName = "runledger.conf";

    /// <summary>What every cluster has unless the caller says otherwise.</summary>
    private static readonly IReadOnlyDictionary<string, string> Defaults = new Dictionary<string, string>
    {
        ["fsync"] = "on",
        ["synchronous_commit"] = "on",
        ["full_page_writes"] = "on",
        ["wal_compression"] = "on",
        ["max_wal_size"] = "4GB",
        ["checkpoint_timeout"] = "15min",
        ["shared_buffers"] = SharedBuffers(),
        ["max_connections"] = "100",
        // Just-in-time compilation costs more than it gives for queries that take milliseconds.
        ["jit"] = "off",
        ["timezone"] = "UTC",
        ["log_timezone"] = "UTC",
        ["log_line_prefix"] = "%m [%p] %q%u@%d ",
    };

    /// <summary>The whole file: defaults, what the build can do beyond them, the caller's own, and what keeps the server private.</summary>
    /// <exception cref="ArgumentException">A name is not that of a setting.</exception>
    public static string FileText(
        IReadOnlyDictionary<string, string> supported, IReadOnlyDictionary<string, string> own, string socketDirectory)
    {
        var settings = new SortedDictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, value) in Defaults.Concat(supported).Concat(own).Concat(Private(socketDirectory)))
        {
            if (!SettingName().IsMatch(name))
                throw new ArgumentException($"'{name}' is no setting of PostgreSQL.", nameof(own));
            settings[name] = value;
        }

        var text = new StringBuilder("# Written by RunLedger at every start of the server: changes made here are lost.\n");
        foreach (var (name, value) in settings)
            text.Append(name).Append(" = '").Append(Escaped(value)).Append("'\n");
        return text.ToString();
    }

    private static Dictionary<string, string> Private(string socketDirectory) => new()
    {
        ["listen_addresses"] = "",
        ["port"] = SocketDirectories.Port.ToString(CultureInfo.InvariantCulture),
        ["unix_socket_directories"] = socketDirectory,
        ["unix_socket_permissions"] = "0700",
        // The log is the server's standard error, which is appended to a file that we bound.
        ["logging_collector"] = "off",
        ["log_destination"] = "stderr",
    };

    // An eighth of the memory that there is, so that what is appended to stays in it while there is room for everything else.
    private static string SharedBuffers()
    {
        var megabytes = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 8 / (1024 * 1024);
        return $"{Math.Clamp(megabytes, 128, 1024).ToString(CultureInfo.InvariantCulture)}MB";
    }

    private static string Escaped(string value) =>
        value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "''", StringComparison.Ordinal).ReplaceLineEndings(" ");

    [GeneratedRegex("^[A-Za-z_][A-Za-z0-9_.]*$")]
    private static partial Regex SettingName();
}
