using System.Buffers;
using RunLedger.Domain.Json;

namespace RunLedger.Domain.Capture;

/// <summary>
/// Finds the end of a JSON value in text that may come in pieces: matches the brackets outside strings. It tells no valid JSON from
/// invalid, only where a value must end if it is valid, and where brackets show that it is not.
/// </summary>
internal sealed class BracketMatcher
{
    private static readonly SearchValues<byte> Structure = SearchValues.Create("\"{}[]\n"u8);
    private static readonly SearchValues<byte> EndsStringRun = SearchValues.Create("\"\\\n"u8);

    private readonly ulong[] _objects = new ulong[JsonText.MaxDepth / 64];
    private int _depth;
    private bool _escaped, _atLineStart;
    private byte _last;

    /// <summary>Whether the text scanned so far ends within a string.</summary>
    public bool InString { get; private set; }

    /// <summary>Begins a new value: the next byte scanned is its first, a bracket or a quote.</summary>
    public void Begin()
    {
        _depth = 0;
        _escaped = _atLineStart = InString = false;
        _last = 0;
    }

    /// <summary>
    /// Scans on from <paramref name="at"/>, and moves it behind the byte that it stopped at; onto that byte for <see cref="MatchStop.Restart"/>.
    /// </summary>
    public MatchStop Scan(ReadOnlySpan<byte> text, ref int at)
    {
        while (true)
        {
            if (InString)
            {
                if (ScanString(text, ref at) is { } stop) return stop;
                if (_depth == 0) return MatchStop.Closed;
            }
            var run = text[at..].IndexOfAny(Structure);
            if (run != 0) Remember(text[at..(run < 0 ? text.Length : at + run)]);
            if (run < 0)
            {
                at = text.Length;
                return MatchStop.Exhausted;
            }
            at += run + 1;
            if (Take(text[at - 1]) is not { } stopped) continue;
            if (stopped == MatchStop.Restart) at--;
            return stopped;
        }
    }

    private MatchStop? Take(byte structure)
    {
        switch (structure)
        {
            case (byte)'\n':
                _atLineStart = true;
                return MatchStop.LineEnd;
            case (byte)'"':
                InString = true;
                break;
            case (byte)'{' or (byte)'[':
                if (_atLineStart && structure == (byte)'{' && _depth > 0 && !ValueMayBegin()) return MatchStop.Restart;
                Open(structure == (byte)'{');
                break;
            default:
                if (!Close(structure == (byte)'}')) return MatchStop.Mismatch;
                if (_depth == 0) return MatchStop.Closed;
                break;
        }
        _last = structure;
        _atLineStart = false;
        return null;
    }

    private MatchStop? ScanString(ReadOnlySpan<byte> text, ref int at)
    {
        while (at < text.Length)
        {
            if (_escaped)
            {
                _escaped = false;
                if (text[at] != (byte)'\n') at++;
                continue;
            }
            var run = text[at..].IndexOfAny(EndsStringRun);
            if (run < 0) break;
            at += run + 1;
            switch (text[at - 1])
            {
                case (byte)'\\':
                    _escaped = true;
                    break;
                case (byte)'\n':
                    return MatchStop.LineEnd;
                default:
                    InString = false;
                    return null;
            }
        }
        at = text.Length;
        return MatchStop.Exhausted;
    }

    // What stands between brackets and quotes matters only for its last byte that is no blank: a colon, a comma, the end of a scalar.
    private void Remember(ReadOnlySpan<byte> between)
    {
        _atLineStart = _atLineStart && between.IsEmpty;
        var end = between.LastIndexOfAnyExcept(" \t\r"u8);
        if (end >= 0) _last = between[end];
    }

    private bool ValueMayBegin() => InObject(_depth - 1) is not false ? _last == (byte)':' : _last is (byte)'[' or (byte)',';

    private bool? InObject(int level) => level < JsonText.MaxDepth ? (_objects[level >> 6] >> (level & 63) & 1) == 1 : null;

    private void Open(bool isObject)
    {
        if (_depth < JsonText.MaxDepth)
        {
            var bit = 1UL << (_depth & 63);
            ref var word = ref _objects[_depth >> 6];
            word = isObject ? word | bit : word & ~bit;
        }
        _depth++;
    }

    // Brackets that are nested too deep to be read are counted only.
    private bool Close(bool isObject)
    {
        if (_depth == 0) return false;
        _depth--;
        return InObject(_depth) is not { } opened || opened == isObject;
    }
}

/// <summary>Why a <see cref="BracketMatcher"/> stopped.</summary>
internal enum MatchStop
{
    /// <summary>The text is scanned to its end, and the value goes on.</summary>
    Exhausted,

    /// <summary>The value has ended.</summary>
    Closed,

    /// <summary>A line has ended within the value.</summary>
    LineEnd,

    /// <summary>A bracket closes what another kind has opened.</summary>
    Mismatch,

    /// <summary>A line begins with a brace where no value can: the value before it was cut off, and another one begins.</summary>
    Restart,
}
