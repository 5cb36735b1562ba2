using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace RunLedger.Host.CommandLine;

/// <summary>Options that take a number above zero.</summary>
internal static class NumberOption
{
    /// <summary>Makes an option with a default.</summary>
    public static Option<int> Create(string name, string description, int otherwise, int most) => new(name)
    {
        Description = description,
        HelpName = "N",
        DefaultValueFactory = _ => otherwise,
        CustomParser = argument => Read(argument, name, most),
    };

    /// <summary>Makes an option without a default.</summary>
    public static Option<int?> Create(string name, string helpName, string description, int most) => new(name)
    {
        Description = description,
        HelpName = helpName,
        CustomParser = argument => Read(argument, name, most),
    };

    private static int Read(ArgumentResult argument, string name, int most)
    {
        var text = argument.Tokens[^1].Value;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= 1 && number <= most) return number;
        argument.AddError($"{name} takes a number from 1 to {most}, not '{text}'.");
        return 1;
    }
}
