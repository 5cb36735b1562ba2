using System.Runtime.CompilerServices;
using RunLedger.Domain.Json;
using RunLedger.Domain.Runs;

namespace RunLedger.Domain.Observations;

/// <summary>
/// The snapshots that were read last, by their runs. A poll shows mostly what the one before it showed, and so it is read by what differs. A run
/// that ends is mostly not polled again: it is let go of, and kept anew should its end be read once more. What is found here decides how fast a
/// snapshot is read, never what is read. Safe for use by several threads.
/// </summary>
/// <param name="capacity">The most memory that the snapshots take, about, in bytes.</param>
public sealed class RecentSnapshots(long capacity = RecentSnapshots.DefaultCapacity)
{
    /// <summary>The memory that the snapshots take at most if nothing else is said, in bytes: 24 MiB.</summary>
    public const long DefaultCapacity = 24 * 1024 * 1024;

    private const int Slots = 4096;
    private const int LongestHead = 256;

    private readonly Snapshot?[] _byRun = new Snapshot?[Slots];
    private Snapshot? _last;
    private long _bytes;

    /// <summary>Reads the snapshot that a text begins with, by what differs from one read before.</summary>
    /// <param name="utf8">Valid UTF-8.</param>
    /// <param name="length">The length of the snapshot's text in bytes.</param>
    /// <returns>The snapshot; null if all of it must be read.</returns>
    internal Snapshot? ReadFirst(ReadOnlyMemory<byte> utf8, out int length)
    {
        length = 0;
        if (Like(utf8.Span) is not { } like || SnapshotDifference.Read(utf8, like, out length) is not { } read) return null;
        if (!ReferenceEquals(read, like)) Keep(read);
        return read;
    }

    /// <summary>Keeps a snapshot as the one of its run that was read last.</summary>
    internal void Keep(Snapshot snapshot)
    {
        var size = SizeOf(snapshot);
        if (size > capacity / 16) return;
        var own = snapshot.InOwnMemory();
        ref var slot = ref _byRun[SlotOf(IdText(own))];
        if (Volatile.Read(ref slot) is { } earlier && IsEndOf(earlier, own)) Replace(ref slot, null);
        else
        {
            if (Interlocked.Add(ref _bytes, size) > capacity)
            {
                Array.Clear(_byRun);
                Interlocked.Exchange(ref _bytes, size);
            }
            Replace(ref slot, own);
        }
        Volatile.Write(ref _last, own);
    }

    private void Replace(ref Snapshot? slot, Snapshot? next)
    {
        var replaced = Interlocked.Exchange(ref slot, next);
        if (replaced is not null) Interlocked.Add(ref _bytes, -SizeOf(replaced));
    }

    // The id is looked for where the APIs write it. A wrong guess costs time alone.
    private Snapshot? Like(ReadOnlySpan<byte> text)
    {
        var head = text[..Math.Min(text.Length, LongestHead)];
        var start = head.IndexOf("\"id\":"u8) + 5;
        start += start > 4 && start < head.Length && head[start] == (byte)' ' ? 1 : 0;
        if (start > 4 && start < head.Length && head[start] == (byte)'"' && head[(start + 1)..].IndexOf((byte)'"') is >= 0 and var length)
        {
            var id = head.Slice(start, length + 2);
            if (Volatile.Read(ref _byRun[SlotOf(id)]) is { } ofRun && IdText(ofRun).SequenceEqual(id)) return ofRun;
        }
        return Volatile.Read(ref _last);
    }

    private static bool IsEndOf(Snapshot earlier, Snapshot snapshot) =>
        RunStatuses.IsTerminal(snapshot.Status) && !RunStatuses.IsTerminal(earlier.Status) && IdText(earlier).SequenceEqual(IdText(snapshot));

    private static ReadOnlySpan<byte> IdText(Snapshot snapshot) => snapshot["id"]!.Value.Utf8.Span;

    private static int SlotOf(ReadOnlySpan<byte> id)
    {
        var hash = 0u;
        foreach (var next in id) hash = hash * 31 + next;
        return (int)((hash ^ (hash >> 12)) % Slots);
    }

    // The text, its places, its values and their canonical forms.
    private static long SizeOf(Snapshot snapshot) => 3 * snapshot.Json.Utf8.Length + 64 * snapshot.Names.Length + Unsafe.SizeOf<Digest>() + 200;
}
