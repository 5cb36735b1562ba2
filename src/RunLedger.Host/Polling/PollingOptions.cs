using System.Reflection;
using RunLedger.Host.Engines;

namespace RunLedger.Host.Polling;

/// <summary>What is polled, and how: the settings <c>Upstreams</c> and <c>Polling</c>.</summary>
public sealed record PollingOptions
{
    /// <summary>The services to poll.</summary>
    public IReadOnlyList<UpstreamOptions> Upstreams { get; init; } = [];

    /// <summary>
    /// How long a watch that this host polls is no other's. It is renewed while the poll goes on; when a host dies, others take its watches after
    /// this time.
    /// </summary>
    [ConfigurationKeyName("lease")]
    public TimeSpan Lease { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How long polls that are under way may take to finish when the host stops.</summary>
    [ConfigurationKeyName("shutdown_limit")]
    public TimeSpan ShutdownLimit { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Who schedules and makes polls: <c>wolverine</c>, only in builds that have it, or <c>host</c>, the host's own service. Null for what the
    /// engine brings: Wolverine with Marten, the host without.
    /// </summary>
    [ConfigurationKeyName("scheduler")]
    public string? Scheduler { get; init; }

    /// <summary>
    /// After how long Wolverine tries again to record what a poll saw and the database refused, each time; then it goes to quarantine. 5 seconds,
    /// 30 seconds and 5 minutes if null.
    /// </summary>
    [ConfigurationKeyName("retry_after")]
    public IReadOnlyList<TimeSpan>? RetryAfter { get; init; }

    /// <summary>Where the randomness of pauses starts from.</summary>
    [ConfigurationKeyName("seed")]
    public int Seed { get; init; } = Environment.ProcessId;

    /// <summary>Reads and checks the settings.</summary>
    /// <exception cref="InvalidOperationException">Some are wrong; the message names each.</exception>
    public static PollingOptions Read(IConfiguration configuration)
    {
        var (polling, upstreams) = (configuration.GetSection("Polling"), configuration.GetSection("Upstreams"));
        List<string> failures = [.. Unknown<PollingOptions>(polling), .. upstreams.GetChildren().SelectMany(Unknown<UpstreamOptions>)];
        var engine = configuration["Engine"] ?? Engine.OfHosts;
        var options = Bind<PollingOptions>(polling) with { Upstreams = [.. upstreams.GetChildren().Select(Bind<UpstreamOptions>)] };
        options = options with { Scheduler = options.Scheduler ?? (engine == Engine.Marten ? PollingSetup.Wolverine : PollingSetup.Host) };
        failures.AddRange(PollingRules.Check(options));
        return failures.Count == 0 ? options : throw new InvalidOperationException(string.Join("; ", failures) + ".");
    }

    // Each by itself, because the binder leaves out elements of a list that it cannot read.
    private static T Bind<T>(IConfigurationSection section) where T : new()
    {
        try
        {
            return section.Get<T>() ?? new T();
        }
        catch (InvalidOperationException wrong)
        {
            throw new InvalidOperationException($"{wrong.Message} {wrong.InnerException?.Message}".TrimEnd(), wrong);
        }
    }

    // The binder's own check does not know of names that differ from the properties'.
    private static IEnumerable<string> Unknown<T>(IConfigurationSection section)
    {
        var known = typeof(T).GetProperties().Select(property => property.GetCustomAttribute<ConfigurationKeyNameAttribute>()?.Name).OfType<string>();
        var given = section.GetChildren().Select(child => child.Key);
        return given.Except(known, StringComparer.OrdinalIgnoreCase).Select(key => $"{section.Path}:{key} is no setting");
    }
}
