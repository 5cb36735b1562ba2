using System.Globalization;
using System.Text;

namespace RunLedger.Domain.Tests.Samples;

/// <summary>Writes one meaning in another of its many texts: members shuffled, white space added, escapes and numbers written otherwise.</summary>
public sealed class JsonSpelling
{
    private readonly Random _random;
    private readonly StringBuilder _output = new();

    private JsonSpelling(int seed) => _random = new Random(seed);

    /// <summary>Another text of the same meaning, without white space around it.</summary>
    public static string Respelled(string json, int seed)
    {
        var spelling = new JsonSpelling(seed);
        spelling.Write(JsonTree.Parse(json));
        return spelling._output.ToString().Trim();
    }

    private void Write(JsonTree value)
    {
        Space();
        switch (value)
        {
            case JsonTree.Object { Members: var members }:
                WriteMembers([.. members.GroupBy(member => member.Name, StringComparer.Ordinal).Select(group => group.Last())]);
                break;
            case JsonTree.Array { Items: var items }:
                WriteItems('[', items.Count, i => Write(items[i]), ']');
                break;
            case JsonTree.String { Value: var text }:
                WriteText(text);
                break;
            case JsonTree.Number number:
                WriteNumber(number);
                break;
            case JsonTree.Word { Text: var word }:
                _output.Append(word);
                break;
        }
        Space();
    }

    private void WriteMembers((string Name, JsonTree Value)[] members)
    {
        _random.Shuffle(members);
        WriteItems('{', members.Length, i =>
        {
            WriteText(members[i].Name);
            _output.Append(':');
            Write(members[i].Value);
        }, '}');
    }

    private void WriteItems(char open, int count, Action<int> item, char close)
    {
        _output.Append(open);
        for (var i = 0; i < count; i++)
        {
            if (i > 0) _output.Append(',');
            item(i);
        }
        _output.Append(close);
    }

    private void WriteText(string text)
    {
        if (text.Length > 200 || _random.Next(3) == 0)
        {
            _output.Append(SnapshotSample.Quoted(text));
            return;
        }
        _output.Append('"');
        for (var i = 0; i < text.Length; i++)
        {
            var units = char.IsSurrogatePair(text, i) ? 2 : 1;
            var mustEscape = text[i] is '"' or '\\' or < ' ' || (units == 1 && char.IsSurrogate(text[i]));
            if (mustEscape || _random.Next(8) == 0)
                for (var unit = i; unit < i + units; unit++) WriteEscape(text[unit]);
            else _output.Append(text, i, units);
            i += units - 1;
        }
        _output.Append('"');
    }

    private void WriteEscape(char unit)
    {
        if (unit == '/') _output.Append("\\/");
        else _output.Append("\\u").Append(((int)unit).ToString(_random.Next(2) == 0 ? "x4" : "X4", CultureInfo.InvariantCulture));
    }

    private void WriteNumber(JsonTree.Number number)
    {
        var (digits, exponent) = number.Value;
        var zeros = digits.IsZero ? 0 : _random.Next(3);
        _output.Append(_random.Next(3) switch
        {
            0 => number.Token,
            1 => string.Create(CultureInfo.InvariantCulture, $"{digits}{new string('0', zeros)}e{exponent - zeros}"),
            _ => string.Create(CultureInfo.InvariantCulture, $"{digits}.{new string('0', zeros + 1)}E{(exponent.Sign < 0 ? "" : "+")}{exponent}"),
        });
    }

    private void Space()
    {
        if (_random.Next(6) == 0) _output.Append(" \t\r\n"[_random.Next(4)]);
    }
}
