using System.CommandLine;
using System.CommandLine.Parsing;

namespace RunLedger.Host.CommandLine;

/// <summary>The option <c>--metadata k=v</c>, which may be given more than once; all must hold.</summary>
internal static class MetadataOption
{
    /// <summary>Makes the option.</summary>
    public static Option<Dictionary<string, string>?> Create() => new("--metadata")
    {
        Description = "Only runs with this metadata; may be given more than once.",
        HelpName = "KEY=VALUE",
        Arity = ArgumentArity.OneOrMore,
        CustomParser = Read,
    };

    private static Dictionary<string, string> Read(ArgumentResult argument)
    {
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var token in argument.Tokens)
        {
            if (token.Value.Split('=', 2) is [{ Length: > 0 } key, var value]) metadata[key] = value;
            else argument.AddError($"'{token.Value}' is no KEY=VALUE.");
        }
        return metadata;
    }
}
