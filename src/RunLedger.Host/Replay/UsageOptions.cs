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
    /// <exception cref="InvalidOperationException">A name is no dimension, or there are too many; the message says which.</exception>
    public static UsageOptions Read(IConfiguration configuration)
    {
        var section = configuration.GetSection("Usage:Dimensions");
        // One text with commas is how the environment gives it.
        var names = section.Value is { } text
            ? text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            : section.GetChildren().Select(child => child.Value ?? "").ToArray();
        if (names.Length == 0 && !section.Exists()) return new UsageOptions(default(ImmutableArray<ConfiguredDimension>?));
        ImmutableArray<ConfiguredDimension> dimensions = [.. names.Distinct().Select(Dimension)];
        return dimensions.Length <= DimensionValue.MostDimensions ? new UsageOptions(dimensions)
            : throw new InvalidOperationException($"Usage:Dimensions names {dimensions.Length} dimensions; usage is kept by {DimensionValue.MostDimensions} at most.");
    }

    private static ConfiguredDimension Dimension(string name) => ConfiguredDimension.Parse(name)
        ?? throw new InvalidOperationException($"Usage:Dimensions names '{name}', which is neither {ConfiguredDimension.ToolName} nor metadata.KEY.");
}
