using System.Globalization;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace RunLedger.Host.CommandLine;

/// <summary>Tables as all commands show them: framed in a terminal, bare columns in a pipe.</summary>
internal static class Tables
{
    /// <summary>A table with these columns; a name that begins with <c>&gt;</c> stands for numbers, to the right.</summary>
    public static Table Of(params IEnumerable<string> columns)
    {
        var table = new Table { Border = Console.IsOutputRedirected ? TableBorder.None : TableBorder.Rounded, UseSafeBorder = false };
        foreach (var name in columns)
        {
            var column = new TableColumn(new Text(name.TrimStart('>'))) { NoWrap = true };
            table.AddColumn(name.StartsWith('>') ? column.RightAligned() : column);
        }
        return table;
    }

    /// <summary>A cell with text from outside.</summary>
    public static IRenderable Cell(string? text) => new Text(Printable.Line(text ?? ""));

    /// <summary>A cell with a number, thousands set apart for readers but not for programs.</summary>
    public static IRenderable Cell(long? number) =>
        new Text(number?.ToString(Console.IsOutputRedirected ? "0" : "#,0", CultureInfo.InvariantCulture) ?? "");

    /// <summary>A cell with a status in its colour.</summary>
    public static IRenderable Status(string status) => new Text(Printable.Line(status), new Style(status switch
    {
        "completed" => Color.Green,
        "failed" => Color.Red,
        "expired" or "incomplete" => Color.Yellow,
        "cancelled" or "cancelling" => Color.Grey,
        "requires_action" => Color.Magenta1,
        "in_progress" => Color.Aqua,
        _ => Color.Default,
    }));

    /// <summary>A cell with a time, UTC.</summary>
    public static IRenderable Cell(DateTimeOffset? time) => new Text(time is { } at ? Text(at) : "");

    /// <summary>A time by RFC 3339, UTC, to the second, and finer only where it is.</summary>
    public static string Text(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFF'Z'", CultureInfo.InvariantCulture);

    /// <summary>A duration in its two largest units, e.g. <c>1h 05m</c>, <c>12.3s</c> or <c>40ms</c>.</summary>
    public static string Text(TimeSpan duration)
    {
        var length = duration.Duration();
        var text = length switch
        {
            { TotalDays: >= 1 } => string.Create(CultureInfo.InvariantCulture, $"{(long)length.TotalDays}d {length.Hours:00}h"),
            { TotalHours: >= 1 } => string.Create(CultureInfo.InvariantCulture, $"{length.Hours}h {length.Minutes:00}m"),
            { TotalMinutes: >= 1 } => string.Create(CultureInfo.InvariantCulture, $"{length.Minutes}m {length.Seconds:00}s"),
            { TotalSeconds: >= 1 } => string.Create(CultureInfo.InvariantCulture, $"{length.TotalSeconds:0.#}s"),
            _ => string.Create(CultureInfo.InvariantCulture, $"{length.TotalMilliseconds:0}ms"),
        };
        return duration < TimeSpan.Zero ? "-" + text : text;
    }
}
