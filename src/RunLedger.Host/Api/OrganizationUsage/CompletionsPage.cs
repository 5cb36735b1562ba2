using System.Text.Json.Serialization;
using RunLedger.Postgres.Usage;

namespace RunLedger.Host.Api.OrganizationUsage;

/// <summary>A page of usage in buckets of time, oldest first.</summary>
/// <param name="Data">The buckets, those in which nothing happened too.</param>
/// <param name="HasMore">Whether there are more buckets after the page.</param>
/// <param name="NextPage">What to ask for as <c>page</c> next; null if this is the last.</param>
public sealed record CompletionsPage(IReadOnlyList<CompletionsBucket> Data, bool HasMore, string? NextPage)
{
    /// <summary><c>page</c>.</summary>
    [JsonPropertyOrder(-1)]
    public string Object => "page";

    internal static CompletionsPage Of(BucketPage page, IReadOnlyList<UsageSum> sums)
    {
        var results = sums.ToLookup(sum => sum.Start.ToUnixTimeSeconds(), CompletionsResult.Of);
        return new CompletionsPage(
            [.. page.Buckets().Select(bucket => new CompletionsBucket(bucket.Start, bucket.End, [.. results[page.Width.StartOf(bucket.Start)]]))],
            page.Next is not null,
            page.Next?.ToString());
    }
}

/// <summary>The usage of a stretch of time.</summary>
/// <param name="StartTime">When it begins. Seconds since the epoch.</param>
/// <param name="EndTime">Before when it ends. Seconds since the epoch.</param>
/// <param name="Results">One result for each group in which something ended or tokens were used.</param>
public sealed record CompletionsBucket(long StartTime, long EndTime, IReadOnlyList<CompletionsResult> Results)
{
    /// <summary><c>bucket</c>.</summary>
    [JsonPropertyOrder(-1)]
    public string Object => "bucket";
}

/// <summary>Tokens and requests of a group. What the ledger does not know, and what it is not grouped by, is null.</summary>
/// <param name="InputTokens">Input tokens, cached ones included.</param>
/// <param name="OutputTokens">Output tokens, reasoning included.</param>
/// <param name="InputCachedTokens">Input tokens that were read from a cache.</param>
/// <param name="NumModelRequests">Runs and responses that ended, however they did.</param>
/// <param name="Model">The model; null in results that are not grouped by it, and of runs that name none.</param>
public sealed record CompletionsResult(long InputTokens, long OutputTokens, long InputCachedTokens, long NumModelRequests, string? Model)
{
    /// <summary><c>organization.usage.completions.result</c>.</summary>
    [JsonPropertyOrder(-1)]
    public string Object => "organization.usage.completions.result";

    /// <summary>0: no run or response says how many of its tokens are audio.</summary>
    public long InputAudioTokens => 0;

    /// <summary>0: no run or response says how many of its tokens are audio.</summary>
    public long OutputAudioTokens => 0;

    /// <summary>The project; not known.</summary>
    public string? ProjectId => null;

    /// <summary>The user; not known.</summary>
    public string? UserId => null;

    /// <summary>The key that the run was made with; not known.</summary>
    public string? ApiKeyId => null;

    /// <summary>Whether it was made in a batch; not known.</summary>
    public bool? Batch => null;

    /// <summary>The service tier; not known.</summary>
    public string? ServiceTier => null;

    /// <summary>The API that was used; not known.</summary>
    public string? ApiSource => null;

    internal static CompletionsResult Of(UsageSum sum) =>
        new(sum.Prompt, sum.Completion, sum.Cached, sum.Ended, sum.Model is { Length: > 0 } model ? model : null);
}
