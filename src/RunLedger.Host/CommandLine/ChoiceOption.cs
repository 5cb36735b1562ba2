using System.CommandLine;

namespace RunLedger.Host.CommandLine;

/// <summary>Options that take one of a few words.</summary>
internal static class ChoiceOption
{
    /// <summary>Makes an option that refuses all but these words.</summary>
    public static Option<string?> Create(string name, string helpName, string description, params string[] words)
    {
        var option = new Option<string?>(name) { Description = description, HelpName = helpName };
        option.AcceptOnlyFromAmong(words);
        return option;
    }
}
