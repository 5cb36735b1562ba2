using System.Security.Cryptography;

namespace RunLedger.Postgres.Recording;

/// <summary>Makes event ids: UUIDs of version 7 (RFC 9562, section 5.7), the randomness of a whole batch at once.</summary>
internal static class EventIds
{
    /// <summary>Makes ids that begin with a time.</summary>
    public static Guid[] Next(int count, DateTimeOffset time)
    {
        var ids = new Guid[count];
        var bytes = new byte[count * 16];
        RandomNumberGenerator.Fill(bytes);
        var milliseconds = time.ToUnixTimeMilliseconds();
        for (var i = 0; i < count; i++)
        {
            var id = bytes.AsSpan(i * 16, 16);
            for (var b = 0; b < 6; b++) id[b] = (byte)(milliseconds >> (40 - 8 * b));
            id[6] = (byte)(0x70 | (id[6] & 0x0F));
            id[8] = (byte)(0x80 | (id[8] & 0x3F));
            ids[i] = new Guid(id, bigEndian: true);
        }
        return ids;
    }
}
