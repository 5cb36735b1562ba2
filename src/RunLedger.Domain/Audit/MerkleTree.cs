using System.Buffers;
using System.Numerics;
using RunLedger.Domain.Json;

namespace RunLedger.Domain.Audit;

/// <summary>
/// The hash tree over a tenant's events, in the order of their positions: the tree of Certificate Transparency (RFC 9162, section 2.1) with SHA-256. A tree of
/// more events has the smaller one within it, so that who knows an earlier root can tell whether anything before it has become another.
/// </summary>
public static class MerkleTree
{
    private const byte LeafMark = 0;
    private const byte NodeMark = 1;
    private const int OnStack = 1024;

    /// <summary>The root of the tree without events.</summary>
    public static Digest Empty { get; } = Digest.Of([]);

    /// <summary>The hash of an event: of what is sealed of it, see <see cref="SealedEvent"/>.</summary>
    public static Digest Leaf(ReadOnlySpan<byte> entry)
    {
        var length = entry.Length + 1;
        var rented = length > OnStack ? ArrayPool<byte>.Shared.Rent(length) : null;
        var marked = rented ?? stackalloc byte[OnStack];
        marked[0] = LeafMark;
        entry.CopyTo(marked[1..]);
        var leaf = Digest.Of(marked[..length]);
        if (rented is not null) ArrayPool<byte>.Shared.Return(rented);
        return leaf;
    }

    /// <summary>The hash of two subtrees together.</summary>
    public static Digest Node(Digest left, Digest right)
    {
        Span<byte> marked = stackalloc byte[1 + 2 * Digest.Size];
        marked[0] = NodeMark;
        left.CopyTo(marked[1..]);
        right.CopyTo(marked[(1 + Digest.Size)..]);
        return Digest.Of(marked);
    }

    /// <summary>The complete subtrees that a range of a tree is made of, from left to right: the largest that fit.</summary>
    public static IEnumerable<Subtree> In(LeafRange range)
    {
        for (var start = range.Start; start < range.End;)
        {
            var fitting = BitOperations.Log2((ulong)(range.End - start));
            var height = start == 0 ? fitting : Math.Min(fitting, BitOperations.TrailingZeroCount(start));
            yield return new Subtree(height, start >> height);
            start += 1L << height;
        }
    }

    /// <summary>The hash of a range of a tree; of the whole, its root.</summary>
    /// <param name="range">The whole tree, or one of the ranges of <see cref="Path"/>.</param>
    /// <param name="hashOf">The hash of a complete subtree.</param>
    public static Digest Hash(LeafRange range, Func<Subtree, Digest> hashOf)
    {
        if (range.Start == range.End) return Empty;
        var hashes = In(range).Select(hashOf).ToList();
        var hash = hashes[^1];
        for (var i = hashes.Count - 2; i >= 0; i--) hash = Node(hashes[i], hash);
        return hash;
    }

    /// <summary>What has to be known beside an event to come to the root: the ranges next to its path, from the event up.</summary>
    /// <param name="index">The event's place in the tree, from 0.</param>
    /// <param name="size">How many events the tree has.</param>
    public static IReadOnlyList<LeafRange> Path(long index, long size)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, size);
        var path = new List<LeafRange>();
        var (start, end) = (0L, size);
        while (end - start > 1)
        {
            var middle = start + (1L << BitOperations.Log2((ulong)(end - start - 1)));
            path.Add(index < middle ? new LeafRange(middle, end) : new LeafRange(start, middle));
            (start, end) = index < middle ? (start, middle) : (middle, end);
        }
        path.Reverse();
        return path;
    }

    /// <summary>
    /// The root that an event and what is beside its path make (RFC 9162, section 2.1.3.2); null if the path is not of this place in a tree of this size.
    /// </summary>
    /// <param name="leaf">The hash of the event.</param>
    /// <param name="index">Its place in the tree, from 0.</param>
    /// <param name="size">How many events the tree has.</param>
    /// <param name="path">The hashes of the ranges of <see cref="Path"/>.</param>
    public static Digest? Root(Digest leaf, long index, long size, IReadOnlyList<Digest> path)
    {
        if (index < 0 || index >= size) return null;
        var ranges = Path(index, size);
        if (ranges.Count != path.Count) return null;
        var hash = leaf;
        for (var i = 0; i < path.Count; i++) hash = ranges[i].Start > index ? Node(hash, path[i]) : Node(path[i], hash);
        return hash;
    }
}

/// <summary>A subtree with as many events as it can have: those from <c>Index * 2^Height</c> on, <c>2^Height</c> of them.</summary>
/// <param name="Height">Its levels above the events.</param>
/// <param name="Index">Its place among the subtrees of this height, from 0.</param>
public readonly record struct Subtree(int Height, long Index);

/// <summary>Some events of a tree, one after the other.</summary>
/// <param name="Start">The place of the first, from 0.</param>
/// <param name="End">The place after the last.</param>
public readonly record struct LeafRange(long Start, long End);

/// <summary>A tree while it grows, of which only the roots of its complete subtrees are kept.</summary>
public sealed class GrowingTree
{
    private readonly Dictionary<Subtree, Digest> _complete = [];

    /// <summary>How many events it has.</summary>
    public long Size { get; private set; }

    /// <summary>Adds an event's hash.</summary>
    public void Add(Digest leaf)
    {
        var added = new Subtree(0, Size++);
        for (; added.Index % 2 == 1; added = new Subtree(added.Height + 1, added.Index / 2))
        {
            _complete.Remove(added with { Index = added.Index - 1 }, out var left);
            leaf = MerkleTree.Node(left, leaf);
        }
        _complete.Add(added, leaf);
    }

    /// <summary>The root as it is now.</summary>
    public Digest Root => MerkleTree.Hash(new LeafRange(0, Size), subtree => _complete[subtree]);
}
