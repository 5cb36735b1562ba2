using System.Globalization;
using RunLedger.Domain.Usage;

namespace RunLedger.Domain.Pricing;

/// <summary>What tokens of some models cost from a time on.</summary>
/// <param name="Model">The model, or a pattern of models: see <see cref="ModelPattern"/>.</param>
/// <param name="From">The hour from which on the price holds. UTC.</param>
/// <param name="Tokens">The prices.</param>
public sealed record Price(string Model, DateTimeOffset From, TokenPrices Tokens)
{
    /// <summary>What <see cref="From"/> is where nobody says since when a price holds: it always did.</summary>
    public static DateTimeOffset Always => DateTimeOffset.UnixEpoch;
}

/// <summary>What a token costs, in US dollars.</summary>
/// <param name="Prompt">An input token that was not read from a cache.</param>
/// <param name="Cached">An input token that was read from a cache.</param>
/// <param name="Completion">An output token, reasoning included.</param>
public readonly record struct TokenPrices(decimal Prompt, decimal Cached, decimal Completion)
{
    /// <summary>What a token may cost at most: a mistake by a factor of a million is one in the unit.</summary>
    public const decimal Highest = 1;

    /// <summary>What these tokens cost, in US dollars. Cached tokens are among the prompt's, reasoning among the completion's.</summary>
    public decimal CostOf(TokenUsage tokens)
    {
        var cached = Math.Min(tokens.Cached, tokens.Prompt);
        return (tokens.Prompt - (decimal)cached) * Prompt + cached * Cached + tokens.Completion * Completion;
    }
}

/// <summary>How amounts are written.</summary>
public static class Amounts
{
    /// <summary>The same amount without zeros at the end of its fraction.</summary>
    public static decimal WithoutTrailingZeros(this decimal amount) => amount / 1.0000000000000000000000000000m;

    /// <summary>Reads an amount; null if it is no number, or one of more decimal places than these, up to 28.</summary>
    public static decimal? Read(string? text, int places) =>
        decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var amount) && amount.WithoutTrailingZeros().Scale <= places
        && (amount != 0 || IsZero(text)) ? amount : null;

    // What is too small for a decimal is read as zero.
    private static bool IsZero(string text) =>
        (text.IndexOfAny(['e', 'E']) is >= 0 and var exponent ? text.AsSpan(0, exponent) : text).IndexOfAnyInRange('1', '9') < 0;
}

/// <summary>Which models a price is for: a model's name, in which each <c>*</c> stands for any text.</summary>
public static class ModelPattern
{
    /// <summary>Whether a pattern stands for more than one model.</summary>
    public static bool IsOpen(string pattern) => pattern.Contains('*', StringComparison.Ordinal);

    /// <summary>How many characters of the pattern are not <c>*</c>: the more there are, the more it says of the model.</summary>
    public static int Weight(string pattern) => pattern.Count(character => character != '*');

    /// <summary>Whether a pattern stands for a model.</summary>
    public static bool Matches(string pattern, string model)
    {
        if (!IsOpen(pattern)) return pattern == model;
        var parts = pattern.Split('*');
        if (model.Length < Weight(pattern) || !model.StartsWith(parts[0], StringComparison.Ordinal) || !model.EndsWith(parts[^1], StringComparison.Ordinal)) return false;
        var (at, end) = (parts[0].Length, model.Length - parts[^1].Length);
        foreach (var part in parts[1..^1])
        {
            var found = model.AsSpan(at, end - at).IndexOf(part, StringComparison.Ordinal);
            if (found < 0) return false;
            at += found + part.Length;
        }
        return true;
    }
}
