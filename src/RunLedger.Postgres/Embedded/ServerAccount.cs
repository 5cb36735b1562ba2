using System.Globalization;

namespace RunLedger.Postgres.Embedded;

/// <summary>
/// The operating system's user that the server runs as: our own, or where we are root, an unprivileged one, because PostgreSQL refuses to
/// run as root. What is done in that user's directories is done as that user, so that nothing planted there is followed by root.
/// </summary>
internal sealed class ServerAccount
{
    private static readonly string[] UnprivilegedUsers = ["postgres", "nobody"];

    private readonly Func<IReadOnlyList<string>, IReadOnlyList<string>> _as;

    private ServerAccount(string name, string? owner, Func<IReadOnlyList<string>, IReadOnlyList<string>> @as)
    {
        Name = name;
        Owner = owner;
        _as = @as;
    }

    /// <summary>The user's name.</summary>
    public string Name { get; }

    /// <summary>The user and group as chown(1) takes them; null where the server runs as our own user.</summary>
    public string? Owner { get; }

    /// <summary>The account for a cluster: its owner's where it is there already.</summary>
    /// <exception cref="EmbeddedPostgresException">We are root and can become no other user.</exception>
    public static async Task<ServerAccount> ForAsync(string clusterDirectory, CancellationToken cancellationToken)
    {
        if (!Environment.IsPrivilegedProcess)
            return new ServerAccount(Environment.UserName, null, command => command);

        if (Directory.Exists(clusterDirectory))
            return await BecomeAsync(await OwnerOfAsync(clusterDirectory, cancellationToken), cancellationToken)
                ?? throw new EmbeddedPostgresException($"Cannot become the user that {clusterDirectory} belongs to.");

        foreach (var user in UnprivilegedUsers)
        {
            if (await IdOfAsync(user, cancellationToken) is { } id && await BecomeAsync(id, cancellationToken) is { } account)
                return account;
        }

        throw new EmbeddedPostgresException(
            $"PostgreSQL does not run as root, and root cannot become {string.Join(" or ", UnprivilegedUsers)} with setpriv, runuser or su."
            + " Install util-linux, or run as another user.");
    }

    /// <summary>The command line that runs a command as this user.</summary>
    public IReadOnlyList<string> As(params IReadOnlyList<string> command) => _as(command);

    /// <summary>Runs a program as this user.</summary>
    public Task<CommandResult> RunAsync(IReadOnlyList<string> command, CancellationToken cancellationToken, string input = "") =>
        Command.RunAsync(As(command), input, cancellationToken);

    /// <summary>Runs a line of shell as this user; the arguments are $1, $2 and so on.</summary>
    public Task<CommandResult> ShellAsync(
        string script, IReadOnlyList<string> arguments, CancellationToken cancellationToken, string input = "") =>
        RunAsync(["/bin/sh", "-c", script, "sh", .. arguments], cancellationToken, input);

    private sealed record Identity(string User, string Group, string Name);

    private static async Task<Identity?> IdOfAsync(string user, CancellationToken cancellationToken)
    {
        var uid = await Command.RunAsync(["id", "-u", user], cancellationToken: cancellationToken);
        var gid = await Command.RunAsync(["id", "-g", user], cancellationToken: cancellationToken);
        return uid.Succeeded && gid.Succeeded ? new Identity(uid.Output.Trim(), gid.Output.Trim(), user) : null;
    }

    // The third and fourth columns of `ls -n` are the ids of user and group (POSIX); stat(1) has other options on every system.
    private static async Task<Identity> OwnerOfAsync(string directory, CancellationToken cancellationToken)
    {
        var listing = await Command.RunAsync(["ls", "-ldn", directory], cancellationToken: cancellationToken);
        var columns = listing.Output.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (!listing.Succeeded || columns.Length < 4)
            throw new EmbeddedPostgresException($"The owner of {directory} cannot be read: {listing.Said}");

        var name = await Command.RunAsync(["id", "-un", columns[2]], cancellationToken: cancellationToken);
        return new Identity(columns[2], columns[3], name.Succeeded ? name.Output.Trim() : columns[2]);
    }

    private static async Task<ServerAccount?> BecomeAsync(Identity identity, CancellationToken cancellationToken)
    {
        if (identity.User == 0.ToString(CultureInfo.InvariantCulture))
            return null;

        var owner = $"{identity.User}:{identity.Group}";
        foreach (var (program, becoming) in WaysToBecome(identity))
        {
            if (ExecutablePath.Find(program) is null)
                continue;
            var account = new ServerAccount(identity.Name, owner, becoming);
            if ((await account.RunAsync(["/bin/sh", "-c", ":"], cancellationToken)).Succeeded)
                return account;
        }

        return null;
    }

    private static IEnumerable<(string Program, Func<IReadOnlyList<string>, IReadOnlyList<string>> As)> WaysToBecome(Identity identity)
    {
        yield return ("setpriv", command =>
            [ExecutablePath.Find("setpriv")!, $"--reuid={identity.User}", $"--regid={identity.Group}", "--clear-groups", "--", .. command]);
        yield return ("runuser", command => [ExecutablePath.Find("runuser")!, "-u", identity.Name, "--", .. command]);
        yield return ("su", command =>
            [ExecutablePath.Find("su")!, "-s", "/bin/sh", "-c", string.Join(' ', command.Select(Quoted)), identity.Name]);
    }

    // Between single quotes a shell takes everything as it is, except the single quote.
    private static string Quoted(string argument) => $"'{argument.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
