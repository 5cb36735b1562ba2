using System.Globalization;

namespace RunLedger.Host.CommandLine;

/// <summary>Sizes for readers.</summary>
internal static class Sizes
{
    private static readonly string[] Units = ["B", "KB", "MB", "GB", "TB"];

    /// <summary>A number of bytes in the unit that suits it, e.g. <c>12.3 MB</c>; units are powers of 1000.</summary>
    public static string Text(double bytes)
    {
        var unit = 0;
        for (; bytes >= 1000 && unit < Units.Length - 1; unit++) bytes /= 1000;
        return $"{bytes.ToString(unit == 0 || bytes >= 100 ? "0" : "0.0", CultureInfo.InvariantCulture)} {Units[unit]}";
    }
}
