using System.Collections.Immutable;
using RunLedger.Domain.Usage;

namespace RunLedger.Host.Replay;

/// <summary>The settings <c>Usage</c>.</summary>
/// <param name="Dimensions">
/// <c>Usage:Dimensions</c>: what usage is kept by beside hour, model, assistant and kind; null where the settings say nothing.
/// </param>
public sealed record UsageOptions(ImmutableArray<ConfiguredDimension>? Dimensions)
{
    /// <summary>Reads the settings.</summary>
    /// <exception cref="InvalidOperationException">A name is no dimension; the message says which.</exception>
    public static UsageOptions Read(IConfiguration configuration)
    {
        var section = configuration.GetSection("Usage:Dimensions");
        // One text with commas is how the environment gives it.
        var names = section.Value is { } text
            ? text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            : section.GetChildren().Select(child => child.Value ?? "").ToArray();
        return names.Length == 0 && !section.Exists() ? new UsageOptions(default(ImmutableArray<ConfiguredDimension>?)) : new UsageOptions([.. names.Distinct().Select(Dimension)]);
    }

    private static ConfiguredDimension Dimension(string name) => ConfiguredDimension.Parse(name)
        ?? throw new InvalidOperationException($"Usage:Dimensions names '{name}', which is neither {ConfiguredDimension.ToolName} nor metadata.KEY.");
}
