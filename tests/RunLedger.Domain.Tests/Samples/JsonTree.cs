using System.Globalization;
using System.Numerics;
using System.Text;

namespace RunLedger.Domain.Tests.Samples;

/// <summary>
/// JSON read by the letter of RFC 8259 and by nothing of the code under test: strings keep lone surrogates, numbers keep their token. Only
/// for valid texts.
/// </summary>
public abstract record JsonTree
{
    public sealed record Object(IReadOnlyList<(string Name, JsonTree Value)> Members) : JsonTree;

    public sealed record Array(IReadOnlyList<JsonTree> Items) : JsonTree;

    public sealed record String(string Value) : JsonTree;

    public sealed record Number(string Token) : JsonTree
    {
        /// <summary>The exact value: digits without trailing zeros, times ten to the power of the exponent.</summary>
        public (BigInteger Digits, BigInteger Exponent) Value
        {
            get
            {
                var (mantissa, exponent) = Parts;
                var point = mantissa.IndexOf('.', StringComparison.Ordinal);
                if (point >= 0) exponent -= mantissa.Length - point - 1;
                var all = mantissa.Replace(".", "", StringComparison.Ordinal);
                var digits = all.TrimEnd('0');
                return digits is "" or "-" ? (0, 0) : (BigInteger.Parse(digits, CultureInfo.InvariantCulture), exponent + all.Length - digits.Length);
            }
        }

        public (string Mantissa, BigInteger Exponent) Parts => Token.Split('e', 'E') is [var mantissa, var exponent]
            ? (mantissa, BigInteger.Parse(exponent, CultureInfo.InvariantCulture))
            : (Token, BigInteger.Zero);
    }

    /// <summary><c>true</c>, <c>false</c> or <c>null</c>.</summary>
    public sealed record Word(string Text) : JsonTree;

    public static JsonTree Parse(string text) => new Reader(text).Read();

    private sealed class Reader(string text)
    {
        private int _at;

        public JsonTree Read()
        {
            Skip();
            return text[_at] switch
            {
                '{' => new Object(ReadItems('}', ReadMember)),
                '[' => new Array(ReadItems(']', Read)),
                '"' => new String(ReadString()),
                't' or 'f' or 'n' => new Word(ReadWhile(char.IsAsciiLetter)),
                _ => new Number(ReadWhile(c => char.IsAsciiLetterOrDigit(c) || c is '+' or '-' or '.')),
            };
        }

        private List<T> ReadItems<T>(char end, Func<T> item)
        {
            var items = new List<T>();
            _at++;
            for (Skip(); text[_at] != end; Skip())
            {
                if (text[_at] == ',') _at++;
                items.Add(item());
            }
            _at++;
            return items;
        }

        private (string Name, JsonTree Value) ReadMember()
        {
            Skip();
            var name = ReadString();
            Skip();
            _at++;
            return (name, Read());
        }

        private string ReadString()
        {
            var value = new StringBuilder();
            for (_at++; ; _at++)
            {
                var plain = text.AsSpan(_at).IndexOfAny('"', '\\');
                value.Append(text, _at, plain);
                _at += plain;
                if (text[_at] == '"') break;
                value.Append(ReadEscape());
            }
            _at++;
            return value.ToString();
        }

        private char ReadEscape()
        {
            _at++;
            if (text[_at] != 'u') return "\b\f\n\r\t\"\\/"["bfnrt\"\\/".IndexOf(text[_at], StringComparison.Ordinal)];
            _at += 4;
            return (char)int.Parse(text.AsSpan(_at - 3, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
        }

        private string ReadWhile(Func<char, bool> belongs)
        {
            var start = _at;
            while (_at < text.Length && belongs(text[_at])) _at++;
            return text[start.._at];
        }

        private void Skip()
        {
            while (_at < text.Length && text[_at] is ' ' or '\t' or '\r' or '\n') _at++;
        }
    }
}
