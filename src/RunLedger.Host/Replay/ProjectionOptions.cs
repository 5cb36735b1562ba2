using System.Globalization;

namespace RunLedger.Host.Replay;

/// <summary>The settings <c>Projections</c>.</summary>
/// <param name="Automatic"><c>Projections:Automatic</c>: whether this host rebuilds views that are not as its program and its settings make them.</param>
/// <param name="Verify"><c>Projections:Verify</c>: how often one of the hosts verifies; null for never.</param>
public sealed record ProjectionOptions(bool Automatic, TimeSpan? Verify)
{
    private static readonly TimeSpan ShortestPause = TimeSpan.FromSeconds(1);

    /// <summary>Reads the settings.</summary>
    /// <exception cref="InvalidOperationException">A setting cannot be read; the message names it.</exception>
    public static ProjectionOptions Read(IConfiguration configuration)
    {
        var section = configuration.GetSection("Projections");
        return new ProjectionOptions(AutomaticOf(section["Automatic"]), VerifyOf(section["Verify"]));
    }

    private static bool AutomaticOf(string? text) => string.IsNullOrEmpty(text)
        || (bool.TryParse(text, out var automatic) ? automatic : throw new InvalidOperationException($"Projections:Automatic is '{text}', neither true nor false."));

    private static TimeSpan? VerifyOf(string? text) => string.IsNullOrEmpty(text) ? null
        : TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var pause) && pause >= ShortestPause ? pause
        : throw new InvalidOperationException($"Projections:Verify is '{text}', no duration of a second or more such as 1.00:00:00, a day.");
}
