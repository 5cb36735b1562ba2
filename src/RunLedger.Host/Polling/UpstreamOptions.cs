namespace RunLedger.Host.Polling;

/// <summary>A service that speaks the Assistants API and whose runs are followed: an entry of the setting <c>Upstreams</c>.</summary>
public sealed record UpstreamOptions
{
    /// <summary>The name that watches refer to. It stays when the address changes.</summary>
    [ConfigurationKeyName("name")]
    public string Name { get; init; } = "";

    /// <summary>The API's address with its version, e.g. <c>https://api.example.com/v1</c>.</summary>
    [ConfigurationKeyName("base_url")]
    public string BaseUrl { get; init; } = "";

    /// <summary>Sent as <c>Authorization: Bearer KEY</c>; nothing is sent if null.</summary>
    [ConfigurationKeyName("api_key")]
    public string? ApiKey { get; init; }

    /// <summary>The tenant whose key this is: only its watches are polled here, and its ledger records what they show.</summary>
    [ConfigurationKeyName("tenant")]
    public string Tenant { get; init; } = "*DEFAULT*";

    /// <summary>Threads whose runs are followed without anybody's asking.</summary>
    [ConfigurationKeyName("threads")]
    public IReadOnlyList<string> Threads { get; init; } = [];

    /// <summary>The shortest pause between two polls of a run: after something changed.</summary>
    [ConfigurationKeyName("poll_interval")]
    public TimeSpan PollInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest pause, after long in which nothing changed or nothing was answered; 15 poll intervals if null.</summary>
    [ConfigurationKeyName("longest_interval")]
    public TimeSpan? LongestInterval { get; init; }

    /// <summary>How long an answer may take, to its last byte.</summary>
    [ConfigurationKeyName("request_timeout")]
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The most requests under way at once.</summary>
    [ConfigurationKeyName("max_concurrency")]
    public int MaxConcurrency { get; init; } = 32;

    /// <summary>Headers to send beside the usual ones, or in their place.</summary>
    [ConfigurationKeyName("headers")]
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    /// <summary>The longest pause between two polls.</summary>
    internal TimeSpan LongestPause => LongestInterval ?? PollInterval * 15;
}
