using System.Text;

namespace RunLedger.Host.CommandLine;

/// <summary>Text from outside, made fit for a terminal: no control character reaches it, and nothing breaks a line.</summary>
internal static class Printable
{
    /// <summary>The text on one line. Control characters, and marks that change the direction of text, are written as U+FFFD.</summary>
    public static string Line(string text)
    {
        if (!text.AsSpan().ContainsAnyExceptInRange(' ', '~')) return text;
        var line = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            if (rune.Value is '\n' or '\r' or '\t') line.Append(' ');
            else if (Rune.IsControl(rune) || rune.Value is (>= 0x202A and <= 0x202E) or (>= 0x2066 and <= 0x2069) or 0x2028 or 0x2029) line.Append('\uFFFD');
            else line.Append(rune);
        }
        return line.ToString();
    }

    /// <summary>The text on one line of at most so many characters, with an ellipsis where it is cut.</summary>
    public static string Line(string text, int longest)
    {
        var line = Line(text);
        return line.Length <= longest ? line : string.Concat(line.AsSpan(0, longest - 1), "…");
    }
}
