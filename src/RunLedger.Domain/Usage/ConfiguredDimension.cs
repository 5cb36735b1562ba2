using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using RunLedger.Domain.Json;
using RunLedger.Domain.Runs;

namespace RunLedger.Domain.Usage;

/// <summary>
/// A dimension that usage is kept by because the settings name it (<c>Usage:Dimensions</c>), beside hour, model, assistant and kind of run, by
/// which it always is: <c>metadata.KEY</c>, or <c>tool.name</c>.
/// </summary>
public sealed record ConfiguredDimension
{
    /// <summary>The dimension of the tools that a run called.</summary>
    public const string ToolName = "tool.name";

    private const string MetadataPrefix = "metadata.";

    private readonly byte[]? _metadataKey;

    private ConfiguredDimension(string name)
    {
        Name = name;
        _metadataKey = name == ToolName ? null : Encoding.UTF8.GetBytes(name[MetadataPrefix.Length..]);
    }

    /// <summary>The name, as settings and reports have it.</summary>
    public string Name { get; }

    /// <summary>Reads a name; null if it names no dimension.</summary>
    public static ConfiguredDimension? Parse(string name) =>
        name == ToolName || (name.StartsWith(MetadataPrefix, StringComparison.Ordinal) && name.Length > MetadataPrefix.Length && !name.Contains('\0'))
            ? new ConfiguredDimension(name)
            : null;

    /// <summary>
    /// The value for a run: the text of its metadata, or the names of the tools that it called, in order, with commas between. A run has one value,
    /// so that it counts once; it is empty for runs that name none, and for metadata that is an object or an array.
    /// </summary>
    public string ValueIn(RunView run) => _metadataKey is null ? run.ToolNames ?? "" : TextOf(run.Metadata?.Property(_metadataKey));

    /// <inheritdoc/>
    public bool Equals(ConfiguredDimension? other) => other is not null && Name == other.Name;

    /// <inheritdoc/>
    public override int GetHashCode() => Name.GetHashCode(StringComparison.Ordinal);

    /// <inheritdoc/>
    public override string ToString() => Name;

    // As jsonb's ->> gives it, so that reports from runs say the same. The API's metadata are strings.
    private static string TextOf(JsonText? value) => value?.Kind switch
    {
        JsonValueKind.String => value.Value.AsString()!,
        JsonValueKind.True or JsonValueKind.False => value.Value.ToString(),
        JsonValueKind.Number => NumericText.Of(value.Value),
        _ => "",
    };
}

/// <summary>The values of the configured dimensions, in their order. Two with the same values are equal.</summary>
public readonly struct DimensionValues : IEquatable<DimensionValues>
{
    private readonly string[]? _values;

    /// <summary>Makes the values.</summary>
    public DimensionValues(params string[] values) => _values = values.Length == 0 ? null : values;

    /// <summary>The values.</summary>
    public IReadOnlyList<string> Values => _values ?? [];

    /// <summary>The values of a run, none of them longer than so many bytes: see <see cref="DimensionValue.Bounded"/>.</summary>
    public static DimensionValues Of(RunView run, ImmutableArray<ConfiguredDimension> dimensions, int longest)
    {
        if (dimensions.IsEmpty) return default;
        var values = new string[dimensions.Length];
        for (var i = 0; i < values.Length; i++) values[i] = DimensionValue.Bounded(dimensions[i].ValueIn(run), longest);
        return new DimensionValues(values);
    }

    /// <summary>Whether both are equal.</summary>
    public static bool operator ==(DimensionValues left, DimensionValues right) => left.Equals(right);

    /// <summary>Whether both differ.</summary>
    public static bool operator !=(DimensionValues left, DimensionValues right) => !left.Equals(right);

    /// <inheritdoc/>
    public bool Equals(DimensionValues other) => ReferenceEquals(_values, other._values) || _values.AsSpan().SequenceEqual(other._values);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is DimensionValues other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = default(HashCode);
        foreach (var value in Values) hash.Add(value, StringComparer.Ordinal);
        return hash.ToHashCode();
    }

    /// <inheritdoc/>
    public override string ToString() => string.Join(", ", Values);
}
