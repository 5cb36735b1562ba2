using System.Collections.Concurrent;
using System.Reflection;

namespace RunLedger.Postgres;

/// <summary>The SQL files of this project, by their path.</summary>
internal static class Sql
{
    private static readonly Assembly Assembly = typeof(Sql).Assembly;
    private static readonly ConcurrentDictionary<string, string> Texts = new(StringComparer.Ordinal);

    /// <summary>The text of a file.</summary>
    /// <param name="path">Its path from the project's folder, e.g. <c>Recording/append_events.sql</c>.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    public static string Text(string path) => Texts.GetOrAdd(path, static path =>
    {
        using var stream = Assembly.GetManifestResourceStream(path) ?? throw new FileNotFoundException($"No SQL file '{path}' is embedded.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    });

    /// <summary>The paths of the files in a folder, in ordinal order.</summary>
    public static IEnumerable<string> In(string folder) =>
        Assembly.GetManifestResourceNames().Where(name => name.StartsWith(folder + "/", StringComparison.Ordinal)).Order(StringComparer.Ordinal);
}
