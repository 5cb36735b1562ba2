namespace RunLedger.Postgres.Embedded;

/// <summary>Programs by name, as a shell finds them.</summary>
internal static class ExecutablePath
{
    // A service's PATH often lacks sbin, where runuser is.
    private static readonly string[] SystemDirectories = ["/usr/sbin", "/usr/bin", "/sbin", "/bin"];

    public static IEnumerable<string> SearchDirectories() =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);

    public static string? Find(string program) =>
        SearchDirectories().Concat(SystemDirectories).Select(directory => Path.Combine(directory, program)).FirstOrDefault(File.Exists);
}
