using System.Buffers.Text;
using System.Globalization;
using System.Text;
using RunLedger.Domain.Observations;

namespace RunLedger.Host.Api.OrganizationUsage;

/// <summary>A place in a report: before a bucket. It knows where the report ends, so that its pages are of one report, however late they are asked for.</summary>
/// <param name="Width">How long the buckets are.</param>
/// <param name="Next">Where the bucket begins. Seconds since the epoch.</param>
/// <param name="Until">Where the report ends. Seconds since the epoch.</param>
internal sealed record BucketCursor(BucketWidth Width, long Next, long Until)
{
    /// <summary>Reads what <see cref="ToString"/> wrote; null if it is no cursor.</summary>
    public static BucketCursor? Parse(string text)
    {
        if (!Base64Url.IsValid(text)) return null;
        var bytes = new byte[Base64Url.GetMaxDecodedLength(text.Length)];
        if (!Base64Url.TryDecodeFromChars(text, bytes, out var length)) return null;
        var parts = Encoding.UTF8.GetString(bytes, 0, length).Split(' ');
        return parts.Length == 3 && BucketWidth.Named(parts[0]) is { } width && TryParse(parts[1], out var next) && TryParse(parts[2], out var until)
            ? new BucketCursor(width, next, until)
            : null;
    }

    /// <summary>Whether this is a place in the report that begins with a page.</summary>
    public bool IsWithin(BucketPage first) =>
        Width == first.Width && Next == Width.StartOf(Next) && Next > first.Since && Next < Until && (first.IsOpen || Until == first.Until);

    /// <summary>The cursor as opaque text.</summary>
    public override string ToString() =>
        Base64Url.EncodeToString(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Width.Name} {Next} {Until}")));

    private static bool TryParse(string text, out long seconds) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out seconds) && seconds <= Times.MaxUnixSeconds;
}
