using System.Globalization;

namespace RunLedger.Domain.Json;

/// <summary>The exponent of a JSON number: a whole number of any size, read, added to and written in time that is linear in its digits.</summary>
internal readonly ref struct Exponent
{
    private const int MostSmallDigits = 18;

    private readonly long _small;
    private readonly bool _isNegative;
    private readonly ReadOnlySpan<byte> _huge;

    private Exponent(long small) => _small = small;

    private Exponent(bool isNegative, ReadOnlySpan<byte> huge)
    {
        _isNegative = isNegative;
        _huge = huge;
    }

    /// <summary>Its value; null if it is huge: of more than eighteen digits, or about so.</summary>
    public long? Small => _huge.IsEmpty ? _small : null;

    /// <summary>The digits of the absolute value of a huge one, without zeros before them; empty for one that is not.</summary>
    public ReadOnlySpan<byte> Huge => _huge;

    /// <summary>Whether it is below zero.</summary>
    public bool IsNegative => _isNegative || _small < 0;

    /// <summary>Reads what stands behind the <c>e</c>; nothing is zero.</summary>
    public static Exponent Read(ReadOnlySpan<byte> text)
    {
        var isNegative = text.StartsWith("-"u8);
        var digits = text.TrimStart("+-0"u8);
        if (digits.Length > MostSmallDigits) return new Exponent(isNegative, digits);
        var small = digits.IsEmpty ? 0 : long.Parse(digits, NumberStyles.None, CultureInfo.InvariantCulture);
        return new Exponent(isNegative ? -small : small);
    }

    /// <summary>The sum of both. Next to a huge exponent the other is too small to turn its sign.</summary>
    public Exponent Plus(int other)
    {
        if (_huge.IsEmpty) return new Exponent(_small + other);
        var sum = new byte[_huge.Length + 1];
        sum[0] = (byte)'0';
        _huge.CopyTo(sum.AsSpan(1));
        var carry = _isNegative ? -(long)other : other;
        for (var at = sum.Length - 1; carry != 0; at--)
        {
            carry += sum[at] - '0';
            var digit = (carry % 10 + 10) % 10;
            sum[at] = (byte)('0' + digit);
            carry = (carry - digit) / 10;
        }
        return new Exponent(_isNegative, sum.AsSpan().TrimStart((byte)'0'));
    }
}
