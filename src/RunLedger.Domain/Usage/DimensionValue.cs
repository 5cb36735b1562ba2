using System.Security.Cryptography;
using System.Text;

namespace RunLedger.Domain.Usage;

/// <summary>
/// Values of configured dimensions as usage is kept by them. They are part of its key, and a row of PostgreSQL's B-tree index holds 2,704 bytes: what is longer
/// than there is room for is cut, and ends with an ellipsis and a digest of the whole, so that different values stay apart. The function
/// <c>runledger.dimension_value</c> does the same in reports from runs.
/// </summary>
public static class DimensionValue
{
    /// <summary>How many dimensions usage can be kept by: with more, too little of their values could be told.</summary>
    public const int MostDimensions = 32;

    private const string Mark = "…";
    private const int DigestBytes = 8;

    // Metadata of the API have up to 512 characters. The other columns of the key leave 1,100 bytes; an array needs up to 7 bytes more for each value.
    private const int LongestOfAny = 512;
    private const int BytesOfAll = 1_088;

    /// <summary>How long a value may be, in bytes of UTF-8, where usage is kept by so many dimensions.</summary>
    public static int LongestOf(int dimensions) => dimensions == 0 ? LongestOfAny : Math.Min(LongestOfAny, BytesOfAll / Math.Min(dimensions, MostDimensions) - 8);

    /// <summary>The value, cut to so many bytes if it is longer.</summary>
    public static string Bounded(string value, int longest)
    {
        if (value.Length <= longest / 3 || Encoding.UTF8.GetByteCount(value) <= longest) return value;
        var bytes = Encoding.UTF8.GetBytes(value);
        var end = longest - Encoding.UTF8.GetByteCount(Mark) - 2 * DigestBytes;
        while ((bytes[end] & 0b1100_0000) == 0b1000_0000) end--;
        return $"{Encoding.UTF8.GetString(bytes, 0, end)}{Mark}{Convert.ToHexStringLower(SHA256.HashData(bytes).AsSpan(0, DigestBytes))}";
    }
}
