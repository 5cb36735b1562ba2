using System.Text.Json.Serialization;
using RunLedger.Domain.Observations;
using RunLedger.Domain.Runs;
using RunLedger.Host.Capture;

namespace RunLedger.Host.Api.Observations;

/// <summary>What became of the items of a body: each is committed.</summary>
/// <param name="Receipts">One receipt for each item, in their order.</param>
public sealed record ReceiptList(IReadOnlyList<ReceiptAnswer> Receipts)
{
    /// <summary>The answer for some receipts.</summary>
    public static ReceiptList Of(IReadOnlyList<ItemReceipt> receipts)
    {
        var answers = new ReceiptAnswer[receipts.Count];
        for (var i = 0; i < answers.Length; i++) answers[i] = ReceiptAnswer.Of(receipts[i]);
        return new ReceiptList(answers);
    }
}

/// <summary>What became of an item.</summary>
public sealed record ReceiptAnswer
{
    /// <summary>The run; null if the item shows none.</summary>
    public required string? RunId { get; init; }

    /// <summary><c>recorded</c>, <c>unchanged</c>, <c>late</c>, <c>quarantined</c>, or <c>skipped</c> for an item in order that shows no run.</summary>
    public required string Outcome { get; init; }

    /// <summary>The version of the run's history at which the snapshot is given back.</summary>
    public required long? Version { get; init; }

    /// <summary>The types of the events that it made.</summary>
    public required IReadOnlyList<string> Events { get; init; }

    /// <summary>Why it is in quarantine.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ItemError? Error { get; init; }

    /// <summary>Why it was skipped.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Reason { get; init; }

    /// <summary>The answer for a receipt.</summary>
    public static ReceiptAnswer Of(ItemReceipt item) => item.Receipt is not { } receipt
        ? new ReceiptAnswer { RunId = null, Outcome = "skipped", Version = null, Events = [], Reason = item.Skipped }
        : new ReceiptAnswer
        {
            RunId = receipt.Run?.Value,
            Outcome = Name(receipt.Outcome),
            Version = receipt.Version,
            Events = receipt.Events,
            Error = receipt.Error is { } defect ? ItemError.Of(item.At.ToString(), defect) : null,
        };

    private static string Name(Outcome outcome) => outcome switch
    {
        Domain.Runs.Outcome.Recorded => "recorded",
        Domain.Runs.Outcome.Unchanged => "unchanged",
        Domain.Runs.Outcome.Late => "late",
        _ => "quarantined",
    };
}

/// <summary>Why an item cannot be recorded, in the words of problem details (RFC 9457).</summary>
/// <param name="Title">The kind of problem.</param>
/// <param name="Detail">What is wrong with the item, its place and field included.</param>
/// <param name="Pointer">Where the item stands in the input.</param>
/// <param name="Field">The field at fault as a path such as <c>usage.total_tokens</c>; empty for the item as a whole.</param>
public sealed record ItemError(string Title, string Detail, string Pointer, string Field)
{
    /// <summary>The error for a defect.</summary>
    public static ItemError Of(string pointer, Defect defect) => new("The item cannot be recorded", $"{pointer}: {defect}", pointer, defect.Field);
}
