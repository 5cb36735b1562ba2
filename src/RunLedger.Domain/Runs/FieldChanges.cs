using System.Collections.Immutable;
using RunLedger.Domain.Json;

namespace RunLedger.Domain.Runs;

/// <summary>
/// Which top-level fields an event sets and which it removes. Folding the changes of all events of a run in order gives back every
/// snapshot exactly, unknown fields included.
/// </summary>
/// <param name="Set">The fields set, in ordinal order of their names.</param>
/// <param name="Removed">The names of the fields that are there no more, in ordinal order.</param>
public sealed record FieldChanges(ImmutableArray<Field> Set, ImmutableArray<string> Removed)
{
    /// <summary>No change.</summary>
    public static FieldChanges None { get; } = new([], []);

    /// <summary>Whether nothing is changed.</summary>
    public bool IsEmpty => Set.IsEmpty && Removed.IsEmpty;

    /// <summary>The text that a field is set to; null if it is not set here, or if it is large and its content is not at hand.</summary>
    public JsonText? this[string name]
    {
        get
        {
            foreach (var field in Set)
                if (field.Name == name) return field.Value.Text;
            return null;
        }
    }

    /// <summary>Whether the field is set or removed here.</summary>
    public bool Contains(string name)
    {
        foreach (var field in Set)
            if (field.Name == name) return true;
        return Removed.Contains(name);
    }
}

/// <summary>A top-level field and its value.</summary>
/// <param name="Name">The field's name.</param>
/// <param name="Value">Its value.</param>
public readonly record struct Field(string Name, FieldValue Value);
