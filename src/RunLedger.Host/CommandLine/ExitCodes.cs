namespace RunLedger.Host.CommandLine;

/// <summary>How a command ends.</summary>
internal static class ExitCodes
{
    /// <summary>All is done.</summary>
    public const int Done = 0;

    /// <summary>The command found or met a problem.</summary>
    public const int Problem = 1;

    /// <summary>The command was not given what it needs, or something that it cannot read.</summary>
    public const int WrongUsage = 2;

    /// <summary>Added to the number of a signal that ended the command, as shells do.</summary>
    public const int Signal = 128;
}

/// <summary>The command cannot do what was asked of it. The message says why, in one line.</summary>
internal sealed class ProblemException(string message) : Exception(message);

/// <summary>The command was used in a wrong way that only shows when it runs, e.g. a setting in the environment that cannot be read.</summary>
internal sealed class WrongUsageException(string message) : Exception(message);
