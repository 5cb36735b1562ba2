using System.Text.Json.Serialization;
using RunLedger.Domain.Runs;
using RunLedger.Host.Capture;

namespace RunLedger.Host.CommandLine.Importing;

/// <summary>What became of all items of an import so far.</summary>
internal sealed class ImportTally
{
    private const int MostReasons = 1_000;
    private const int MostPlaces = 1_000;

    private readonly Dictionary<string, ImportReason> _skipped = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ImportReason> _quarantined = new(StringComparer.Ordinal);

    /// <summary>How many items came to what.</summary>
    public IntakeCounts Counts { get; private set; }

    /// <summary>Where arrays of items were broken, in one line each.</summary>
    public List<string> Broken { get; } = [];

    /// <summary>Why items were skipped, the most frequent reason first.</summary>
    public IEnumerable<ImportReason> Skipped => _skipped.Values.OrderByDescending(reason => reason.Count);

    /// <summary>Why items are in quarantine, the most frequent reason first.</summary>
    public IEnumerable<ImportReason> Quarantined => _quarantined.Values.OrderByDescending(reason => reason.Count);

    /// <summary>Where the first of the items in quarantine stand, and why they are there.</summary>
    public List<QuarantinedPlace> QuarantinedItems { get; } = [];

    /// <summary>Counts a part of a file that is committed.</summary>
    public void Add(string file, IntakeChunk chunk)
    {
        Counts += chunk.Counts;
        foreach (var receipt in chunk.Receipts)
        {
            if (receipt.Skipped is { } reason) Count(_skipped, reason, file, receipt);
            else if (receipt.Receipt is { Outcome: Outcome.Quarantined, Error: var defect }) CountQuarantined(defect?.ToString() ?? "", file, receipt);
        }
        if (chunk.Broken is { } broken) Broken.Add($"{file}, line {broken.Line}, byte {broken.Offset}: {broken.Reason}");
    }

    private void CountQuarantined(string reason, string file, ItemReceipt receipt)
    {
        Count(_quarantined, reason, file, receipt);
        if (QuarantinedItems.Count < MostPlaces) QuarantinedItems.Add(new QuarantinedPlace($"{file}, {receipt.At}", reason));
    }

    private static void Count(Dictionary<string, ImportReason> reasons, string reason, string file, ItemReceipt receipt)
    {
        if (reasons.TryGetValue(reason, out var known)) reasons[reason] = known with { Count = known.Count + 1 };
        else if (reasons.Count < MostReasons) reasons.Add(reason, new ImportReason(reason, 1, $"{file}, {receipt.At}"));
    }
}

/// <summary>Why items were not recorded.</summary>
/// <param name="Reason">The reason.</param>
/// <param name="Count">How many items it holds for.</param>
/// <param name="First">Where the first of them stands.</param>
internal sealed record ImportReason(string Reason, long Count, string First);

/// <summary>An item that is in quarantine.</summary>
/// <param name="Place">Where it stands: the file, and the place in it.</param>
/// <param name="Reason">Why it could not be recorded.</param>
internal sealed record QuarantinedPlace(string Place, string Reason);

/// <summary>What became of an import, for programs.</summary>
internal sealed record ImportAnswer(
    long Recorded, long Unchanged, long Late, long Quarantined, long Skipped, long Total, double Seconds,
    IReadOnlyList<ImportReason> QuarantineReasons, IReadOnlyList<ImportReason> SkipReasons, IReadOnlyList<string> Broken,
    IReadOnlyList<QuarantinedPlace> QuarantinedItems);

/// <summary>How the commands' own answers are written: as those of the HTTP API.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(ImportAnswer))]
internal sealed partial class CommandJson : JsonSerializerContext;
