using System.Globalization;
using RunLedger.Host.Capture;

namespace RunLedger.Host.CommandLine;

/// <summary>Counts of what became of input, for readers.</summary>
internal static class Counted
{
    /// <summary>All counts, named, with commas between.</summary>
    public static string Text(IntakeCounts counts) => string.Create(
        CultureInfo.InvariantCulture,
        $"{counts.Recorded:#,0} recorded, {counts.Unchanged:#,0} unchanged, {counts.Late:#,0} late, "
        + $"{counts.Quarantined:#,0} quarantined, {counts.Skipped:#,0} skipped");
}
