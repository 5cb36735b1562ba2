using System.Text.Json.Serialization;
using RunLedger.Domain.Pricing;
using RunLedger.Postgres.Pricing;

namespace RunLedger.Host.Api.Pricing;

/// <summary>The prices of a tenant, by model and time.</summary>
/// <param name="Data">The prices.</param>
public sealed record PriceListAnswer(IReadOnlyList<PriceAnswer> Data)
{
    /// <summary><c>list</c>.</summary>
    [JsonPropertyOrder(-1)]
    public string Object => "list";

    internal static PriceListAnswer Of(IEnumerable<StoredPrice> prices) => new([.. prices.Select(PriceAnswer.Of)]);
}

/// <summary>What a million tokens of a model cost from a time on, in US dollars.</summary>
public sealed record PriceAnswer
{
    /// <summary>The model, or a pattern in which each <c>*</c> stands for any text.</summary>
    public required string Model { get; init; }

    /// <summary>The hour from which on it holds.</summary>
    public required DateTime From { get; init; }

    /// <summary>Input tokens that were not read from a cache.</summary>
    public required decimal PromptPerMillion { get; init; }

    /// <summary>Input tokens that were read from a cache.</summary>
    public required decimal CachedPerMillion { get; init; }

    /// <summary>Output tokens, reasoning included.</summary>
    public required decimal CompletionPerMillion { get; init; }

    /// <summary>Where the price comes from.</summary>
    public required string Source { get; init; }

    /// <summary>When it was taken in.</summary>
    public required DateTime RecordedAt { get; init; }

    internal static PriceAnswer Of(StoredPrice stored) => new()
    {
        Model = stored.Price.Model,
        From = stored.Price.From.UtcDateTime,
        PromptPerMillion = PerMillion(stored.Price.Tokens.Prompt),
        CachedPerMillion = PerMillion(stored.Price.Tokens.Cached),
        CompletionPerMillion = PerMillion(stored.Price.Tokens.Completion),
        Source = stored.Source,
        RecordedAt = stored.RecordedAt.UtcDateTime,
    };

    private static decimal PerMillion(decimal perToken) => (perToken * 1_000_000).WithoutTrailingZeros();
}

/// <summary>What became of prices that were taken in.</summary>
/// <param name="Added">Those that are new.</param>
/// <param name="Changed">Those that corrected a price.</param>
/// <param name="Unchanged">Those that held already.</param>
/// <param name="Skipped">Entries of a price map that were not taken in.</param>
/// <param name="SkippedBecause">How many of them for which reason.</param>
/// <param name="OtherRates">How many entries have other rates too, which reports do not count with, by what these are for.</param>
public sealed record PriceChangesAnswer(
    int Added, int Changed, int Unchanged, int Skipped, IReadOnlyDictionary<string, int> SkippedBecause, IReadOnlyDictionary<string, int> OtherRates)
{
    internal static PriceChangesAnswer Of(PriceChanges changes, PriceList list) =>
        new(changes.Added, changes.Changed, changes.Unchanged, list.Skipped.Values.Sum(), list.Skipped, list.OtherRates);
}

/// <summary>How many prices were removed.</summary>
/// <param name="Removed">How many.</param>
public sealed record PricesRemovedAnswer(int Removed);
