using System.Buffers;

namespace RunLedger.Domain.Capture;

/// <summary>
/// Finds one item after another in a window of the input that its caller slides. Everything it decides depends on the input alone, not on
/// how it was cut into windows. Once an item is larger than is allowed, its bytes are no longer asked for.
/// </summary>
/// <param name="maxItemBytes">The largest extent of an item in bytes.</param>
internal sealed class ItemScanner(int maxItemBytes)
{
    private static readonly SearchValues<byte> Blanks = SearchValues.Create(" \t\r\n"u8);
    private static readonly SearchValues<byte> EndsScalar = SearchValues.Create(",] \t\r\n"u8);

    private readonly BracketMatcher _brackets = new();
    private Form _form;
    private Place _place;
    private long _at, _line = 1, _number, _start, _startLine, _valueEnd;
    private bool _passedOver;
    private ReadOnlyMemory<byte> _beginning;

    /// <summary>The item that was found last.</summary>
    public FoundItem Found { get; private set; }

    /// <summary>The first bytes of the item that was found last, if it is too large.</summary>
    public ReadOnlyMemory<byte> Beginning => _beginning[..(int)Math.Min(_beginning.Length, Found.End - Found.Start)];

    /// <summary>Where the array is broken, if it is.</summary>
    public FramingFailure? Failure { get; private set; }

    /// <summary>The offset in the input from which on bytes are still needed.</summary>
    public long Keep => _place >= Place.Line && !_passedOver ? _start : _at;

    /// <summary>Scans on until something is found.</summary>
    /// <param name="text">The window: the input's bytes from <paramref name="offset"/> on, at least from <see cref="Keep"/>.</param>
    /// <param name="offset">The window's offset in the input.</param>
    /// <param name="ended">Whether nothing comes after the window.</param>
    public ScanStep Next(ReadOnlySpan<byte> text, long offset, bool ended)
    {
        while (true)
        {
            var at = (int)(_at - offset);
            var step = _place switch
            {
                Place.Line => ScanLine(text, ref at, offset),
                Place.Value => ScanValue(text, ref at, offset),
                Place.AfterValue => ScanAfterValue(text, ref at, offset),
                Place.Lost => ScanToRestart(text, ref at, offset),
                Place.Scalar => ScanScalar(text, ref at, offset),
                Place.Between => SkipBlanks(text, ref at) ? EnterItem(text, ended, ref at, offset) : ScanStep.More,
                _ => SkipBlanks(text, ref at) ? EnterElement(text[at], ref at, offset) : ScanStep.More,
            };
            _at = offset + at;
            if (step == ScanStep.More) return ended ? Finish(text, offset) : Suspend(text, offset);
            if (step != ScanStep.Continue) return step;
        }
    }

    // Leaves newlines counted behind it.
    private bool SkipBlanks(ReadOnlySpan<byte> text, ref int at)
    {
        var run = text[at..].IndexOfAnyExcept(Blanks);
        var blanks = run < 0 ? text[at..] : text.Slice(at, run);
        _line += blanks.Count((byte)'\n');
        at += blanks.Length;
        return run >= 0;
    }

    /// <summary>
    /// Decides, at the first byte after blanks, what begins there. Where files were put one behind another, a byte order mark may stand before any item.
    /// </summary>
    private ScanStep EnterItem(ReadOnlySpan<byte> text, bool ended, ref int at, long offset)
    {
        var mark = "\uFEFF"u8;
        var rest = text[at..];
        if (rest.Length < mark.Length && !ended && mark.StartsWith(rest)) return ScanStep.More;
        if (rest.StartsWith(mark))
        {
            at += mark.Length;
            return ScanStep.Continue;
        }
        if (_form == Form.Unknown && rest[0] == (byte)'[')
        {
            (_form, _place) = (Form.Elements, Place.AfterArray);
            return ScanStep.Continue;
        }
        if (_form == Form.Unknown) _form = Form.Undecided;
        BeginItem(offset + at, _form != Form.Lines && (rest[0] is (byte)'{' or (byte)'[') ? Place.Value : Place.Line);
        return ScanStep.Continue;
    }

    private ScanStep EnterElement(byte first, ref int at, long offset)
    {
        if (_place == Place.AfterArray && first == (byte)'{')
        {
            _form = Form.Undecided;
            BeginItem(offset + at, Place.Value);
            return ScanStep.Continue;
        }
        var next = (_place, first) switch
        {
            (Place.AfterArray, (byte)'[') => Place.BeforeFirst,
            (Place.BeforeFirst or Place.AfterElement, (byte)']') => Place.AfterArray,
            (Place.AfterElement, (byte)',') => Place.BeforeElement,
            (Place.BeforeFirst or Place.BeforeElement, (byte)'{' or (byte)'[' or (byte)'"') => Place.Value,
            (Place.BeforeFirst or Place.BeforeElement, not ((byte)'}' or (byte)']' or (byte)',' or (byte)':')) => Place.Scalar,
            _ => Place.Between,
        };
        switch (next)
        {
            case Place.Between:
                return Fail(offset + at, $"the array of items is broken: {Expected(_place)} should stand here");
            case Place.Value or Place.Scalar:
                BeginItem(offset + at, next);
                return ScanStep.Continue;
            default:
                _place = next;
                at++;
                return ScanStep.Continue;
        }
    }

    private void BeginItem(long start, Place place)
    {
        (_start, _startLine, _place, _passedOver) = (start, _line, place, false);
        _brackets.Begin();
    }

    private ScanStep ScanLine(ReadOnlySpan<byte> text, ref int at, long offset)
    {
        var run = text[at..].IndexOf((byte)'\n');
        at = run < 0 ? text.Length : at + run;
        return run < 0 ? ScanStep.More : Complete(text, offset, offset + at, at);
    }

    private ScanStep ScanValue(ReadOnlySpan<byte> text, ref int at, long offset)
    {
        while (true)
        {
            var stop = _brackets.Scan(text, ref at);
            switch (stop)
            {
                case MatchStop.Exhausted:
                    return ScanStep.More;
                case MatchStop.Closed when _form == Form.Undecided:
                    (_place, _valueEnd) = (Place.AfterValue, offset + at);
                    return ScanStep.Continue;
                case MatchStop.Closed:
                    return Complete(text, offset, offset + at, at);
                case MatchStop.LineEnd:
                    _line++;
                    if (_form == Form.Elements) continue;
                    if (_brackets.InString) return BrokenByLineEnd(text, ref at, offset);
                    _form = Form.Values;
                    continue;
                case MatchStop.Restart when _form == Form.Elements:
                    return Fail(offset + at, "the array of items is broken: an object begins where none can stand");
                case MatchStop.Restart:
                    return CompleteAndDecideAnew(text, offset, at);
                default:
                    if (_form == Form.Elements) return Fail(offset + at - 1, "the array of items is broken: this bracket closes none of its kind");
                    _place = _form == Form.Undecided ? Place.Line : Place.Lost;
                    return ScanStep.Continue;
            }
        }
    }

    // No JSON string goes over the end of a line: the line was cut off, or the value is broken.
    private ScanStep BrokenByLineEnd(ReadOnlySpan<byte> text, ref int at, long offset)
    {
        if (_form == Form.Undecided) return Complete(text, offset, offset + at, at);
        at--;
        _line--;
        _place = Place.Lost;
        return ScanStep.Continue;
    }

    /// <summary>The rest of the first line tells whether there is one value a line.</summary>
    private ScanStep ScanAfterValue(ReadOnlySpan<byte> text, ref int at, long offset)
    {
        var run = text[at..].IndexOfAnyExcept(" \t\r"u8);
        at = run < 0 ? text.Length : at + run;
        if (run < 0) return ScanStep.More;
        switch (text[at])
        {
            case (byte)'\n':
                _form = Form.Lines;
                return Complete(text, offset, _valueEnd, at);
            case (byte)'{' or (byte)'[':
                _form = Form.Values;
                return Complete(text, offset, _valueEnd, at);
            default:
                _place = Place.Line;
                return ScanStep.Continue;
        }
    }

    /// <summary>A broken value goes on to where a line begins with a brace.</summary>
    private ScanStep ScanToRestart(ReadOnlySpan<byte> text, ref int at, long offset)
    {
        while (true)
        {
            var run = text[at..].IndexOf((byte)'\n');
            at = run < 0 ? text.Length : at + run;
            if (run < 0 || at + 1 == text.Length) return ScanStep.More;
            if (text[at + 1] == (byte)'{') return CompleteAndDecideAnew(text, offset, at);
            _line++;
            at++;
        }
    }

    private ScanStep ScanScalar(ReadOnlySpan<byte> text, ref int at, long offset)
    {
        var run = text[at..].IndexOfAny(EndsScalar);
        at = run < 0 ? text.Length : at + run;
        return run < 0 ? ScanStep.More : Complete(text, offset, offset + at, at);
    }

    private ScanStep CompleteAndDecideAnew(ReadOnlySpan<byte> text, long offset, int at)
    {
        var wasOneLine = offset + at - _start <= maxItemBytes && !text[(int)(_start - offset)..at].TrimEnd(" \t\r\n"u8).Contains((byte)'\n');
        if (wasOneLine) _form = Form.Lines;
        var step = Complete(text, offset, offset + at, at);
        _form = Form.Undecided;
        return step;
    }

    private ScanStep Complete(ReadOnlySpan<byte> text, long offset, long end, int at)
    {
        var tooLarge = _passedOver || offset + at - _start > maxItemBytes;
        if (tooLarge && !_passedOver) RememberBeginning(text, offset);
        if (!tooLarge) end = _start + text[(int)(_start - offset)..(int)(end - offset)].TrimEnd(" \t\r\n"u8).Length;
        Found = new FoundItem(_start, end, new ItemPointer(++_number, _startLine, _form is Form.Undecided or Form.Lines), tooLarge);
        _place = _form == Form.Elements ? Place.AfterElement : Place.Between;
        return ScanStep.Item;
    }

    private ScanStep Suspend(ReadOnlySpan<byte> text, long offset)
    {
        if (_place < Place.Line || _passedOver || _at - _start <= maxItemBytes) return ScanStep.More;
        RememberBeginning(text, offset);
        _passedOver = true;
        return ScanStep.More;
    }

    private void RememberBeginning(ReadOnlySpan<byte> text, long offset) =>
        _beginning = text.Slice((int)(_start - offset), Math.Min(maxItemBytes, TooLarge.KeptBytes)).ToArray();

    private ScanStep Finish(ReadOnlySpan<byte> text, long offset)
    {
        if (_form == Form.Elements) return _place == Place.AfterArray ? ScanStep.End : Fail(_at, "the array of items is not closed: the input ends");
        if (_place < Place.Line) return ScanStep.End;
        var at = (int)(_at - offset);
        return Complete(text, offset, _place == Place.AfterValue ? _valueEnd : _at, at);
    }

    private ScanStep Fail(long at, string reason)
    {
        Failure = new FramingFailure(reason, at, _line);
        return ScanStep.Failure;
    }

    private static string Expected(Place place) => place switch
    {
        Place.AfterElement => "a comma or the closing bracket",
        Place.AfterArray => "nothing, an object or another array",
        Place.BeforeFirst => "an item or the closing bracket",
        _ => "an item",
    };

    private enum Form
    {
        Unknown, Undecided, Lines, Values, Elements,
    }

    // Those from Line on are within an item.
    private enum Place
    {
        Between, BeforeFirst, BeforeElement, AfterElement, AfterArray, Line, Value, AfterValue, Lost, Scalar,
    }
}

/// <summary>An item that was found: from <paramref name="Start"/> to before <paramref name="End"/> in the input.</summary>
internal readonly record struct FoundItem(long Start, long End, ItemPointer At, bool TooLarge);

/// <summary>What a step of scanning came to.</summary>
internal enum ScanStep
{
    /// <summary>Nothing yet.</summary>
    Continue,

    /// <summary>The window is scanned; more of the input is needed.</summary>
    More,

    /// <summary>An item was found.</summary>
    Item,

    /// <summary>The input is broken, and nothing more can be found.</summary>
    Failure,

    /// <summary>The input has ended.</summary>
    End,
}
