using System.Text.Json;
using RunLedger.Domain.Json;

namespace RunLedger.Domain.Observations;

/// <summary>Why some input cannot be recorded: it goes to quarantine with this.</summary>
/// <param name="Field">The field at fault as a path such as <c>usage.total_tokens</c>; empty for the item as a whole.</param>
/// <param name="Reason">What is wrong with it, as a sentence without the field's name.</param>
public sealed record Defect(string Field, string Reason)
{
    /// <summary>
    /// Why a text could not be read as JSON: where it is none, counted within it, or else that it is nested too deep.
    /// </summary>
    internal static Defect OfUnreadable(ReadOnlySpan<byte> utf8)
    {
        try
        {
            var reader = new Utf8JsonReader(utf8, JsonText.ReaderOptions with { MaxDepth = int.MaxValue });
            while (reader.Read())
            {
            }
            return new Defect("", $"is nested deeper than {JsonText.MaxDepth} levels");
        }
        catch (JsonException malformed)
        {
            var line = malformed.LineNumber is > 0 and var before ? $" of its line {before + 1}" : "";
            return new Defect("", $"is not valid JSON at byte {malformed.BytePositionInLine + 1}{line}");
        }
    }

    /// <summary>The defect in one line.</summary>
    public override string ToString() => Field.Length == 0 ? Reason : $"{Field}: {Reason}";
}

/// <summary>Either a value or the <see cref="Defect"/> that kept it from being read.</summary>
/// <typeparam name="T">What is read.</typeparam>
public readonly record struct Checked<T> where T : class
{
    private Checked(T? value, Defect? defect) => (Value, Defect) = (value, defect);

    /// <summary>What was read; null if there is a defect.</summary>
    public T? Value { get; }

    /// <summary>What is wrong; null if there is a value.</summary>
    public Defect? Defect { get; }

    /// <summary>A value that was read.</summary>
    public static implicit operator Checked<T>(T value) => new(value, null);

    /// <summary>A defect that was found.</summary>
    public static implicit operator Checked<T>(Defect defect) => new(null, defect);
}
