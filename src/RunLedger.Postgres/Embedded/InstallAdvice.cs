namespace RunLedger.Postgres.Embedded;

/// <summary>The command that installs PostgreSQL's server binaries on this system.</summary>
internal static class InstallAdvice
{
    private const string OsRelease = "/etc/os-release";

    public static string Command()
    {
        if (OperatingSystem.IsMacOS())
            return "brew install postgresql@17";
        return For(File.Exists(OsRelease) ? File.ReadAllLines(OsRelease) : []);
    }

    /// <summary>Reads ID and ID_LIKE, see os-release(5): ID_LIKE lists the systems whose packages this one uses, nearest first.</summary>
    public static string For(IEnumerable<string> osRelease)
    {
        var systems = osRelease
            .Select(line => line.Split('=', 2))
            .Where(pair => pair is ["ID" or "ID_LIKE", _])
            .OrderBy(pair => pair[0].Length)
            .SelectMany(pair => pair[1].Trim('"', '\'').Split(' '));

        return systems.Select(InstallCommand).FirstOrDefault(command => command is not null)
            ?? "your system's package manager (the package is mostly called postgresql or postgresql-server)";
    }

    private static string? InstallCommand(string system) => system switch
    {
        "debian" or "ubuntu" => "apt-get install postgresql",
        "rhel" or "fedora" or "centos" => "dnf install postgresql-server",
        "suse" or "opensuse" => "zypper install postgresql-server",
        "alpine" => "apk add postgresql",
        "arch" => "pacman -S postgresql",
        _ => null,
    };
}
