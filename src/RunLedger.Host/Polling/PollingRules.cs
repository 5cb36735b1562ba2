using System.Diagnostics.CodeAnalysis;
using System.Text;
using RunLedger.Host.Polling.Queue;

namespace RunLedger.Host.Polling;

/// <summary>What settings must be like for polling to make sense.</summary>
internal static class PollingRules
{
    private const int MaxIdBytes = 512;
    private const int MaxNameLength = 128;

    /// <summary>What is wrong, each sentence beginning with the setting's name.</summary>
    public static IEnumerable<string> Check(PollingOptions options)
    {
        if (options.Lease < TimeSpan.FromSeconds(1)) yield return $"Polling:lease is {options.Lease}: at least a second is needed";
        if (options.ShutdownLimit < TimeSpan.Zero) yield return $"Polling:shutdown_limit is {options.ShutdownLimit}: it cannot be negative";
        if (options.Scheduler is not (null or PollingSetup.Wolverine or PollingSetup.Host))
            yield return $"Polling:scheduler is '{options.Scheduler}': it is {PollingSetup.Wolverine} or {PollingSetup.Host}";
        if (options.Scheduler == PollingSetup.Wolverine && !PollQueue.IsInThisBuild)
            yield return "Polling:scheduler is wolverine, which is only in builds with -p:CritterStack=true, where the package feed has it";
        if (options.RetryAfter?.Any(pause => pause <= TimeSpan.Zero) == true) yield return "Polling:retry_after has times that are not after now";
        for (var i = 0; i < options.Upstreams.Count; i++)
            foreach (var failure in Check(options.Upstreams[i]))
                yield return $"Upstreams:{i}:{failure}";
        foreach (var name in options.Upstreams.GroupBy(upstream => upstream.Name, StringComparer.Ordinal).Where(group => group.Count() > 1))
            yield return $"Upstreams: {name.Count()} of them have the name '{name.Key}'; each needs its own";
    }

    /// <summary>
    /// Whether a text can be a thread's or run's id. Dots alone cannot: they stand unencoded in the path of a poll, where they would lead elsewhere
    /// (RFC 3986, section 5.2.4).
    /// </summary>
    public static bool IsId([NotNullWhen(true)] string? text) => IsName(text) && text is not ("." or "..");

    private static bool IsName([NotNullWhen(true)] string? text) =>
        text is { Length: > 0 and <= MaxIdBytes } && Encoding.UTF8.GetByteCount(text) <= MaxIdBytes
        && !text.Any(character => char.IsControl(character) || char.IsSurrogate(character));

    private static IEnumerable<string> Check(UpstreamOptions upstream)
    {
        if (upstream.Name is not { Length: > 0 and <= MaxNameLength }) yield return $"name is missing, or longer than {MaxNameLength} characters";
        if (!IsAddress(upstream.BaseUrl))
            yield return $"base_url is '{upstream.BaseUrl}': an absolute http or https address such as https://api.example.com/v1 is needed";
        if (!IsName(upstream.Tenant)) yield return "tenant is empty, too long, or has control characters";
        if (upstream.ApiKey is { } key && (key.Length == 0 || key.Any(char.IsControl))) yield return "api_key is empty or has control characters";
        foreach (var thread in upstream.Threads.Where(thread => !IsId(thread))) yield return $"threads has '{thread}', which is no thread's id";
        if (upstream.PollInterval < TimeSpan.FromMilliseconds(1))
            yield return $"poll_interval is {upstream.PollInterval}: at least a millisecond is needed";
        if (upstream.LongestInterval is { } longest && longest < upstream.PollInterval)
            yield return $"longest_interval is {longest}: it cannot be shorter than poll_interval, {upstream.PollInterval}";
        if (upstream.RequestTimeout < TimeSpan.FromMilliseconds(1) || upstream.RequestTimeout > TimeSpan.FromHours(1))
            yield return $"request_timeout is {upstream.RequestTimeout}: from a millisecond to an hour is possible";
        if (upstream.MaxConcurrency is < 1 or > 1_000) yield return $"max_concurrency is {upstream.MaxConcurrency}: from 1 to 1000 is possible";
        foreach (var (name, value) in upstream.Headers.Where(header => !IsHeader(header.Key, header.Value)))
            yield return $"headers:{name} cannot be sent in a request";
    }

    private static bool IsAddress(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var address)
        && (address.Scheme == Uri.UriSchemeHttp || address.Scheme == Uri.UriSchemeHttps)
        && address.Query.Length == 0 && address.Fragment.Length == 0;

    private static bool IsHeader(string name, string? value)
    {
        using var request = new HttpRequestMessage();
        return value is not null && !value.Any(char.IsControl) && request.Headers.TryAddWithoutValidation(name, value);
    }
}
