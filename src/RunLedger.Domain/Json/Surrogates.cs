namespace RunLedger.Domain.Json;

/// <summary>Halves of characters beyond U+FFFF: JSON's escapes can state one alone, UTF-8 and so PostgreSQL cannot hold it.</summary>
public static class Surrogates
{
    /// <summary>Whether a text has a surrogate without its other half.</summary>
    public static bool HasLone(string text)
    {
        var first = text.AsSpan().IndexOfAnyInRange('\uD800', '\uDFFF');
        if (first < 0) return false;
        for (var i = first; i < text.Length; i++)
        {
            if (!char.IsSurrogate(text[i])) continue;
            if (i + 1 == text.Length || !char.IsSurrogatePair(text[i], text[i + 1])) return true;
            i++;
        }
        return false;
    }
}
