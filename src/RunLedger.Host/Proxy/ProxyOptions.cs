using System.Globalization;

namespace RunLedger.Host.Proxy;

/// <summary>The settings section <c>Proxy</c>.</summary>
public sealed record ProxyOptions
{
    private const int LargestPossibleCopy = 1024 * 1024 * 1024;
    private const long MostPossibleWaiting = 1024L * 1024 * 1024 * 1024;

    /// <summary>Where requests go: an http or https address, with or without a path; null where nothing is forwarded.</summary>
    public Uri? Upstream { get; init; }

    /// <summary>The largest body, and the largest event of a stream, that is observed, in bytes, before and after decompression; 16 MiB.</summary>
    public int LargestCopy { get; init; } = 16 * 1024 * 1024;

    /// <summary>The most bytes of copies in memory, of those that are being made and of those that wait to be recorded; 64 MiB.</summary>
    public long MostWaiting { get; init; } = 64 * 1024 * 1024;

    /// <summary>How long connecting to the upstream may take; 10 seconds.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Reads the section.</summary>
    /// <exception cref="InvalidOperationException">A setting cannot be read; the message names it.</exception>
    public static ProxyOptions Read(IConfiguration settings)
    {
        var usual = new ProxyOptions();
        return new ProxyOptions
        {
            Upstream = settings["Proxy:Upstream"] is { Length: > 0 } address ? ReadAddress(address) : null,
            LargestCopy = (int)(ReadNumber(settings, "Proxy:LargestCopy", LargestPossibleCopy) ?? usual.LargestCopy),
            MostWaiting = ReadNumber(settings, "Proxy:MostWaiting", MostPossibleWaiting) ?? usual.MostWaiting,
            ConnectTimeout = settings["Proxy:ConnectTimeout"] is { } time ? ReadTime(time) : usual.ConnectTimeout,
        };
    }

    private static Uri ReadAddress(string given) =>
        Uri.TryCreate(given, UriKind.Absolute, out var address)
        && (address.Scheme == Uri.UriSchemeHttp || address.Scheme == Uri.UriSchemeHttps)
        && address.Query.Length == 0 && address.Fragment.Length == 0 && address.UserInfo.Length == 0
            ? address
            : throw new InvalidOperationException(
                $"Proxy:Upstream is '{given}': an absolute http or https address such as https://api.example.com is needed, without user, query and fragment.");

    private static long? ReadNumber(IConfiguration settings, string name, long most)
    {
        if (settings[name] is not { } given) return null;
        return long.TryParse(given, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= 1 && number <= most
            ? number
            : throw new InvalidOperationException($"{name} is '{given}', not a number of bytes from 1 to {most}.");
    }

    private static TimeSpan ReadTime(string given) =>
        TimeSpan.TryParse(given, CultureInfo.InvariantCulture, out var time) && time >= TimeSpan.FromMilliseconds(10) && time <= TimeSpan.FromHours(1)
            ? time
            : throw new InvalidOperationException($"Proxy:ConnectTimeout is '{given}', not a time from 00:00:00.01 to 01:00:00.");
}
