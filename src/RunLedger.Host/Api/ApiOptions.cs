using System.Globalization;

namespace RunLedger.Host.Api;

/// <summary>The settings section <c>Api</c>.</summary>
public sealed record ApiOptions
{
    private const long LargestPossible = 1024 * 1024 * 1024;

    /// <summary>The largest body of observations, in bytes, decompressed; 256 MiB.</summary>
    public long LargestBody { get; init; } = 256 * 1024 * 1024;

    /// <summary>Reads the section.</summary>
    /// <exception cref="InvalidOperationException">A setting cannot be read; the message names it.</exception>
    public static ApiOptions Read(IConfiguration settings) => settings["Api:LargestBody"] is not { } given ? new ApiOptions()
        : long.TryParse(given, NumberStyles.None, CultureInfo.InvariantCulture, out var largest) && largest is >= 1 and <= LargestPossible
            ? new ApiOptions { LargestBody = largest }
            : throw new InvalidOperationException($"Api:LargestBody is '{given}', not a number of bytes from 1 to {LargestPossible}.");
}
